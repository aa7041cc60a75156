package sandbox

import "testing"

func TestRecordsAreRecentWhenARequestSaysSo(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	first, second := c.lead("a@x.test"), c.lead("b@x.test")
	account := c.insert("Account", m{"Name": "Acme"})
	c.want(200, nil, "GET", v67+"/sobjects/Lead/"+second, nil)
	use := func(path string) { c.want(200, nil, "GET", v67+path, nil, "Sforce-Mru", "updateMru=true") }
	use("/sobjects/Lead/" + first)
	use("/sobjects/Account/" + account)
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+first, m{"Title": "x"}, "Sforce-Mru", "updateMru=true")
	var recent []m
	c.want(200, &recent, "GET", v67+"/recent", nil)
	if len(recent) != 2 || recent[0]["Id"] != first || recent[0]["Name"] != "Doe" || recent[1]["Name"] != "Acme" {
		t.Errorf("recent %v", recent)
	}
	c.want(200, &recent, "GET", v67+"/recent/?limit=1", nil)
	if len(recent) != 1 {
		t.Errorf("one recent record: %v", recent)
	}
	var info struct{ RecentItems []m }
	c.want(200, &info, "GET", v67+"/sobjects/Account", nil)
	if len(info.RecentItems) != 1 || info.RecentItems[0]["Id"] != account {
		t.Errorf("recent accounts %v", info.RecentItems)
	}
	c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "GET", v67+"/recent?limit=none", nil)
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "GET", v67+"/recent", nil, "Sforce-Mru", "updateMru=perhaps")
}
