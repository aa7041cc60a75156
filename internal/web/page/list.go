package page

import "conversion"

func listNoun(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "companies"
	}
	return "contacts"
}

func keyNoun(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "Domain"
	}
	return "E-mail"
}

func searchHint(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "Name or domain begins with…"
	}
	return "E-mail or name begins with…"
}

func searchNote(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "The search compares the beginning of names and domains."
	}
	return "The search compares the beginning of e-mails, first and last names."
}
