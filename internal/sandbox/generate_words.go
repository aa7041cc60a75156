package sandbox

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The words that the invented records are made of. All domains are reserved for
// examples and tests (RFC 2606).

var (
	trades      = []string{"Logistics", "Software", "Foods", "Robotics", "Consulting", "Energy", "Textiles", "Medical", "Media", "Tools", "Optics", "Insurance"}
	legalForms  = []string{"", "", " Inc.", " LLC", " GmbH", " Ltd", " S.A.", " AG", " Pty Ltd"}
	branchWords = []string{" (West)", " Europe", " - Headquarters", " Holdings", " 2", ""}
	departments = []string{"Marketing", "Sales", "IT", "Finance", "Operations", "R&D", "Human Resources"}
	titles      = []string{
		"CEO", "CTO", "VP of Sales", "Head of Marketing", "Marketing Manager", "Software Engineer", "Buyer",
		"Directeur général", "Geschäftsführer", "Office Manager", "Sr. Analyst, Growth & \"Special Projects\"", "営業部長",
	}
	countries   = []string{"USA", "United States", "Germany", "France", "Japan", "Brasil", "Österreich", "UK", "Canada", "India"}
	freeMailers = []string{"freemail.example", "inbox.example", "post.test"}
	places      = []string{"Online", "Café Zoë", "Office, 3rd floor", "Customer's site", "東京"}
	remarks     = []string{
		"Met at the fair; wants a quote by Friday.",
		"Asked to be called back.\nPrefers mornings.",
		"Said \"not now\" – try again in spring 🌱",
		"<b>VIP</b> & friend of the house; handle with care",
		"לא להתקשר בערב",
		"価格表を送付済み",
		"Budget: 50,000 €, decision in Q3",
	}
	eventSubjects = []string{"Demo", "Kick-off", "Quarterly review", "Déjeuner d'affaires", "Meeting", "Call", "Webinar: \"Getting started\"", "面談"}
	taskSubjects  = map[string][]string{
		"Task":  {"Send Quote", "Follow up", "Prepare contract", "Send Letter", "Check references ✔"},
		"Email": {"Email: Your request", "Email: Re: Angebot für Müller", "Email: Newsletter"},
		"Call":  {"Call", "Call back", "Cold call"},
	}
	oddCompanies = []string{
		"Müller & Söhne GmbH", "株式会社サンプル", "\"Quoted\" Holdings, Inc.", "Café Crème 🍰", "شركة المثال",
		"O’Neill, Sons & Co.", "Ångström Øst A/S", "Пример ООО", "Tom\\Jerry <Labs>", "50% Off; Stores",
	}
)

type oddName struct{ first, last string }

var oddNames = []oddName{
	{"José", "Muñoz"}, {"Zoë", "Brandão"}, {"Łukasz", "Wójcik"}, {"Søren", "Ødegård"}, {"Thị Hoa", "Nguyễn"},
	{"美咲", "佐藤"}, {"伟", "王"}, {"민준", "김"}, {"يوسف", "الحداد"}, {"שירה", "כהן"}, {"Дмитрий", "Соколов"},
	{"Ελένη", "Παππά"}, {"Seán", "O'Brien"}, {"Jean-Luc", "d'Aubigné"}, {"Robert \"Bob\"", "Smith, Jr."},
	{"Anna 🌻", "Lindqvist"}, {"İpek", "Yıldız"}, {"Weiß", "Groß"}, {"María José", "de la Cruz y Pérez"}, {"<Null>", "Null"},
}

// emailName is what stands before the @ of a person's address.
func emailName(first, last string) string {
	name := strings.Trim(asciiWord(first, "")+"."+asciiWord(last, ""), ".")
	if name == "" {
		return "mail"
	}
	return name
}

// asciiWord keeps of a text the letters and digits that a domain or an e-mail may
// have, without their accents, and joins its words.
func asciiWord(text, join string) string {
	var b strings.Builder
	pending := false
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			if pending && b.Len() > 0 {
				b.WriteString(join)
			}
			pending = false
			b.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			pending = true
		}
	}
	return b.String()
}

// clip cuts a text to a number of characters.
func clip(text string, length int) string {
	runes := []rune(text)
	if len(runes) <= length {
		return text
	}
	return strings.TrimSpace(string(runes[:length]))
}
