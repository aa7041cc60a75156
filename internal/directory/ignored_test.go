package directory_test

import (
	"fmt"
	"testing"

	"conversion"
)

func TestRecordsOfDeletedContactsAreListedAsIgnored(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 3 {
		email, record := fmt.Sprintf("p%d@example.com", i), fmt.Sprintf("00Q00000000000%dAAA", i)
		id := h.contact(t, email).ID
		h.link(t, id, record, email)
		if i < 2 {
			must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
		}
	}
	var listed []conversion.Ignored
	for after := ""; ; {
		page, next, err := h.Ignored(ctx, workspace, after, 1)
		must(t, err)
		listed = append(listed, page...)
		if after = next; next == "" {
			break
		}
	}
	if len(listed) != 2 || listed[1].Key != "p0@example.com" || listed[1].Ref.ID != "00Q000000000000AAA" || listed[1].Deleted == 0 {
		t.Fatalf("%+v", listed)
	}
	if _, err := h.Restore(ctx, workspace, conversion.KindContact, listed[1].EntityID, user); err != nil {
		t.Fatal(err)
	}
	if page, _, err := h.Ignored(ctx, workspace, "", 10); err != nil || len(page) != 1 {
		t.Errorf("after the restore: %+v, %v", page, err)
	}
}

func TestRestoringAsksForTheActivitiesThatWerePassedOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.contact(t, "a@example.com").ID
	h.link(t, id, "00Q000000000001AAA", "a@example.com")
	must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
	must(t, restore(h, id))
	for _, o := range []conversion.Object{conversion.Task, conversion.Event} {
		waiting, err := h.books.CatchUps(ctx, o, 10)
		must(t, err)
		if len(waiting) != 1 || waiting[0].Who.ID != "00Q000000000001AAA" {
			t.Errorf("%s: %+v", o, waiting)
		}
	}
}
