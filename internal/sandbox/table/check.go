package table

import "fmt"

// Check walks every index and says what is wrong with one: each has to find every
// row that belongs into it, in order, and nothing else. No batch may be under way.
func (t *Table) Check() error {
	if err := t.check("id", t.byID, func(*Row) bool { return true }); err != nil {
		return err
	}
	if err := t.check("stamp", t.byStamp, func(*Row) bool { return true }); err != nil {
		return err
	}
	for col, x := range t.columns {
		if err := t.check(fmt.Sprint("column ", col), x.index, func(r *Row) bool { return r.Has(col) }); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) check(name string, x *Index, belongs func(*Row) bool) error {
	want := 0
	for _, r := range t.rows {
		if belongs(r) {
			want++
		}
	}
	var last *Row
	for r := range x.All() {
		switch {
		case t.rows[r.ID] != r || !belongs(r):
			return fmt.Errorf("the index by %s has the row %s, which does not belong there", name, r.ID)
		case last != nil && x.compare(last, r) >= 0:
			return fmt.Errorf("the index by %s has the row %s after %s", name, r.ID, last.ID)
		}
		last = r
		want--
	}
	if want != 0 {
		return fmt.Errorf("the index by %s lacks %d rows", name, want)
	}
	return nil
}
