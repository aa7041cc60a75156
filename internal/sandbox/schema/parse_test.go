package schema

import (
	"reflect"
	"strings"
	"testing"
)

const petHead = "object Pet \"Pet\" \"Pets\" prefix a01 allows create query\n"

func TestParseReadsAField(t *testing.T) {
	t.Parallel()
	objects, err := parse(map[string]string{
		"picklists.txt": "list Coat\n  Short *\n  Long = Long haired\n",
		"pet.txt":       petHead + "\n# how it looks\nCoat picklist(40) \"Its coat\" CUN restricted values Coat\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := objects["Pet"].Field("Coat")
	if !ok {
		t.Fatal("the field is missing")
	}
	want := Field{
		Name: "Coat", Label: "Its coat", Type: Picklist, Length: 40,
		Createable: true, Updateable: true, Nillable: true, RestrictedPicklist: true,
		Filterable: true, Sortable: true, Groupable: true, Permissionable: true,
		DefaultValue: "Short",
		Picklist: []PicklistValue{
			{Value: "Short", Label: "Short", Active: true, Default: true},
			{Value: "Long", Label: "Long haired", Active: true},
		},
	}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
}

func TestParseNamesTheFileAndLineOfAMistake(t *testing.T) {
	t.Parallel()
	tests := []struct{ mistake, text, want string }{
		{"field before its object", "Age int(8) \"Age\" CUN\n", "pet.txt:1: field Age before its object"},
		{"unknown type", petHead + "Age number \"Age\" CUN\n", `pet.txt:2: field Age: unknown type "number"`},
		{"size missing", petHead + "Age int \"Age\" CUN\n", "pet.txt:2: field Age: type int takes 1 sizes, not 0"},
		{"size is no number", petHead + "Tag string(long) \"Tag\" CUN\n", "pet.txt:2: field Tag: the size of string(long) is no number"},
		{"unknown access", petHead + "Age int(8) \"Age\" CUX\n", `pet.txt:2: field Age: unknown access letter 'X' in "CUX"`},
		{"unknown modifier", petHead + "Age int(8) \"Age\" CUN shiny\n", `pet.txt:2: field Age: unknown modifier "shiny"`},
		{"modifier without its argument", petHead + "Age int(8) \"Age\" CUN of\n", `pet.txt:2: field Age: modifier "of" needs an argument`},
		{"unknown list", petHead + "Fur picklist(9) \"Fur\" CUN values Fur\n", `pet.txt:2: field Fur: unknown list of values "Fur"`},
		{"reference to nothing", petHead + "OwnerId reference \"Owner\" CUN\n", "pet.txt:2: field OwnerId: a reference needs its objects: to A|B"},
		{"boolean that may be null", petHead + "Tame boolean \"Tame\" CUN\n", "pet.txt:2: field Tame: a boolean is never null"},
		{"boolean with another default", petHead + "Tame boolean \"Tame\" CUD default maybe\n", `pet.txt:2: field Tame: default "maybe" is no boolean`},
		{"same field twice", petHead + "Age int(8) \"Age\" CUN\nAGE int(8) \"Age\" CUN\n", "pet.txt:3: field Pet.AGE is there twice"},
		{"open quote", petHead + "Age int(8) \"Age CUN\n", "pet.txt:2: a quote is not closed"},
		{"object line cut short", "object Pet \"Pet\"\n", "pet.txt:1: want: object NAME"},
		{"object allows the unknown", "object Pet \"Pet\" \"Pets\" prefix a01 allows fly\n", `pet.txt:1: object Pet allows the unknown "fly"`},
		{"field line cut short", petHead + "Age int(8)\n", "pet.txt:2: field Age: want: NAME TYPE"},
	}
	for _, test := range tests {
		t.Run(test.mistake, func(t *testing.T) {
			t.Parallel()
			_, err := parse(map[string]string{"pet.txt": test.text})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestParseRefusesAValueOutsideAList(t *testing.T) {
	t.Parallel()
	_, err := parse(map[string]string{"picklists.txt": "\n  Hot\n"})
	if err == nil || !strings.Contains(err.Error(), "picklists.txt:2: a value before the first list") {
		t.Errorf("got %v", err)
	}
}
