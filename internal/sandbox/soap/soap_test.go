package soap

import (
	"encoding/xml"
	"strings"
	"testing"
)

func envelope(inside string) []byte {
	return []byte(`<?xml version="1.0"?><se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + inside + `</se:Envelope>`)
}

func TestACallIsReadWhateverItsPrefixes(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a default namespace": `<se:Header xmlns="urn:partner.soap.sforce.com"><SessionHeader><sessionId>00D!x</sessionId></SessionHeader></se:Header><se:Body><merge xmlns="urn:partner.soap.sforce.com"><recordToMergeIds> a </recordToMergeIds><recordToMergeIds>b</recordToMergeIds><on>true</on><gone xsi:nil="true"/></merge></se:Body>`,
		"prefixes":            `<se:Header><u:SessionHeader xmlns:u="urn:partner.soap.sforce.com"><u:sessionId>00D!x</u:sessionId></u:SessionHeader></se:Header><se:Body><n1:merge xmlns:n1="urn:partner.soap.sforce.com" xmlns:ns1="sobject.partner.soap.sforce.com"><ns1:recordToMergeIds>a</ns1:recordToMergeIds><recordToMergeIds>b</recordToMergeIds><on>1</on><gone xsi:nil="1">x</gone></n1:merge></se:Body>`,
	} {
		r, fault := Decode(envelope(text))
		if fault != nil {
			t.Errorf("%s: %v", name, fault)
			continue
		}
		if ids := r.Call.Values("recordToMergeIds"); r.Call.Name != "merge" || strings.Join(ids, ",") != "a,b" || !r.Call.Flag("on") || r.Call.Value("gone") != "" || !r.Call.Child("gone").Nil {
			t.Errorf("%s: read as %+v", name, r.Call)
		}
		if r.Header("SessionHeader").Value("sessionId") != "00D!x" {
			t.Errorf("%s: headers %+v", name, r.Headers)
		}
	}
}

func TestWhatIsNoEnvelopeIsAClientFault(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                     "",
		"text":                        "hello",
		"another root":                "<a/>",
		"another version of SOAP":     `<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body><a/></Body></Envelope>`,
		"no body":                     string(envelope("<se:Header/>")),
		"an empty body":               string(envelope("<se:Body/>")),
		"two calls":                   string(envelope("<se:Body><a/><b/></se:Body>")),
		"an element that never ends":  `<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Body><a>`,
		"two documents":               string(envelope("<se:Body><a/></se:Body>")) + "<b/>",
		"a document type":             "<!DOCTYPE a [<!ENTITY b 'c'>]>" + string(envelope("<se:Body><a/></se:Body>")),
		"a thousand nested elements":  string(envelope("<se:Body>" + strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000) + "</se:Body>")),
		"an entity that is not known": string(envelope("<se:Body><a>&b;</a></se:Body>")),
	} {
		if r, fault := Decode([]byte(text)); fault == nil || fault.Code != "soapenv:Client" {
			t.Errorf("%s: read as %+v, %v", name, r, fault)
		}
	}
}

func TestUnknownHeadersAreFound(t *testing.T) {
	t.Parallel()
	r, fault := Decode(envelope(`<se:Header><SessionHeader/><Strange se:mustUnderstand="1"/></se:Header><se:Body><a/></se:Body>`))
	if fault != nil {
		t.Fatal(fault)
	}
	name, must, found := r.Unknown(func(name string) bool { return name == "SessionHeader" })
	if name != "Strange" || !must || !found {
		t.Errorf("found %q %t %t", name, must, found)
	}
}

func TestAnAnswerIsWellFormed(t *testing.T) {
	t.Parallel()
	answer := Partner.Response("merge", []Node{Group("LimitInfoHeader", Number("current", 1))},
		[]Node{Group("result", Optional("id", ""), Text("message", "a < b & \x01"), Flag("success", false))})
	const want = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header><LimitInfoHeader><current>1</current></LimitInfoHeader></soapenv:Header><soapenv:Body><mergeResponse><result><id xsi:nil="true"/><message>a &lt; b &amp; ` + "\uFFFD" + `</message><success>false</success></result></mergeResponse></soapenv:Body></soapenv:Envelope>`
	if string(answer) != want {
		t.Errorf("answered\n%s, want\n%s", answer, want)
	}
	if err := xml.Unmarshal(answer, new(struct{})); err != nil {
		t.Error(err)
	}
}

func TestAFaultNamesItsCodeTwice(t *testing.T) {
	t.Parallel()
	got := string(Enterprise.Fault(&Fault{"INVALID_LOGIN", "Invalid username, password, security token; or user locked out."}))
	for _, part := range []string{
		`xmlns:sf="urn:fault.enterprise.soap.sforce.com"`, "<faultcode>sf:INVALID_LOGIN</faultcode>",
		"<faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring>",
		`<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>Invalid username`,
	} {
		if !strings.Contains(got, part) {
			t.Errorf("%s lacks %s", got, part)
		}
	}
	if got := string(Partner.Fault(Client("no"))); !strings.Contains(got, "<faultcode>soapenv:Client</faultcode><faultstring>no</faultstring></soapenv:Fault>") {
		t.Errorf("a fault of SOAP's own: %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(envelope("<se:Header><a/></se:Header><se:Body><login><username>x</username></login></se:Body>"))
	f.Add(envelope("<se:Body><a xsi:nil='true'>&amp;<![CDATA[x]]><!-- y --></a></se:Body>"))
	f.Add([]byte("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, fault := Decode(body)
		if (r == nil) == (fault == nil) {
			t.Fatal("neither a call nor a fault, or both")
		}
		if fault != nil {
			if err := xml.Unmarshal(Partner.Fault(fault), new(struct{})); err != nil {
				t.Fatalf("the fault is not well-formed: %v", err)
			}
		}
	})
}
