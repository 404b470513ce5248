package socketio

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// The examples of the protocol's own description, both ways.
func TestAPacketAsItStandsInAMessage(t *testing.T) {
	num := func(s string) json.Number { return json.Number(s) }
	for _, c := range []struct {
		text string
		want Packet
	}{
		{`0`, Packet{Type: Connect, Namespace: "/"}},
		{`0{"token":"123"}`, Packet{Type: Connect, Namespace: "/", Body: map[string]any{"token": "123"}}},
		{`0/admin,`, Packet{Type: Connect, Namespace: "/admin"}},
		{`0/admin,{"a":1}`, Packet{Type: Connect, Namespace: "/admin", Body: map[string]any{"a": num("1")}}},
		{`1`, Packet{Type: Disconnect, Namespace: "/"}},
		{`1/admin,`, Packet{Type: Disconnect, Namespace: "/admin"}},
		{`2["foo"]`, Packet{Type: Event, Namespace: "/", Args: []any{"foo"}}},
		{`2/admin,["bar"]`, Packet{Type: Event, Namespace: "/admin", Args: []any{"bar"}}},
		{`212["foo"]`, Packet{Type: Event, Namespace: "/", Asks: true, ID: 12, Args: []any{"foo"}}},
		{`20["foo"]`, Packet{Type: Event, Namespace: "/", Asks: true, Args: []any{"foo"}}},
		{`3/admin,13["bar"]`, Packet{Type: Ack, Namespace: "/admin", ID: 13, Args: []any{"bar"}}},
		{`30[]`, Packet{Type: Ack, Namespace: "/", Args: []any{}}},
		{`4{"message":"Not authorized"}`, Packet{Type: ConnectError, Namespace: "/", Body: map[string]any{"message": "Not authorized"}}},
		{`2["n",9007199254740993,1.5e300,-0]`, Packet{Type: Event, Namespace: "/", Args: []any{"n", num("9007199254740993"), num("1.5e300"), num("-0")}}},
		{`2["<&>",null,true,{"a":[]}]`, Packet{Type: Event, Namespace: "/", Args: []any{"<&>", nil, true, map[string]any{"a": []any{}}}}},
		{`2[12]`, Packet{Type: Event, Namespace: "/", Args: []any{num("12")}}},
	} {
		p, n, err := Parse([]byte(c.text))
		if err != nil || n != 0 || !reflect.DeepEqual(*p, c.want) {
			t.Errorf("%s is read as %+v with %d attachments, %v", c.text, p, n, err)
		}
		text, attachments, err := c.want.Encode()
		if err != nil || len(attachments) != 0 || string(text) != c.text {
			t.Errorf("%+v is written as %s, %v", c.want, text, err)
		}
	}
}

// The namespace needs no comma behind it at the end.
func TestANamespaceAtTheEnd(t *testing.T) {
	for text, want := range map[string]string{"0/random": "/random", "1/a/b": "/a/b", "0/": "/", "0/,": "/"} {
		if p, _, err := Parse([]byte(text)); err != nil || p.Namespace != want {
			t.Errorf("%s is read as %+v, %v", text, p, err)
		}
	}
}

func TestWhatIsNoPacket(t *testing.T) {
	for text, want := range map[string]string{
		``:                           "an empty packet: not even its type is there, at byte 0",
		`abc`:                        `unknown packet type 'a', at byte 0`,
		`7`:                          `unknown packet type '7', at byte 0`,
		`2{}`:                        "an event's payload is an array that begins with the event's name, and not with a reserved one, at byte 1",
		`2`:                          "an event's payload is an array that begins with the event's name, and not with a reserved one, at byte 1",
		`2[]`:                        "an event's payload is an array that begins with the event's name, and not with a reserved one, at byte 1",
		`2[{}]`:                      "an event's payload is an array that begins with the event's name, and not with a reserved one, at byte 1",
		`2["connect"]`:               "an event's payload is an array that begins with the event's name, and not with a reserved one, at byte 1",
		`2/a,5["disconnect"]`:        "an event's payload is an array that begins with the event's name, and not with a reserved one, at byte 5",
		`2abc["x"]`:                  "a payload that is not JSON, at byte 1",
		`2["x"]y`:                    "more than one JSON value, at byte 6",
		`2["x"`:                      "a payload that is not JSON, at byte 1",
		`0[]`:                        "a connect packet's payload is an object, or is not there, at byte 1",
		`0null`:                      "a connect packet's payload is an object, or is not there, at byte 1",
		`05{}`:                       "a connect packet with an acknowledgement id, which it never has, at byte 1",
		`1{}`:                        "a disconnect packet with a payload, which it never has, at byte 1",
		`1/a,null`:                   "a disconnect packet with a payload, which it never has, at byte 4",
		`3["x"]`:                     "an acknowledgement that does not say of which event, at byte 1",
		`31{}`:                       "an acknowledgement's payload is an array, at byte 2",
		`4`:                          "a connect error's payload is an object, at byte 1",
		`4[]`:                        "a connect error's payload is an object, at byte 1",
		`5["x"]`:                     `illegal attachments: a binary packet says how many follow, and then "-", at byte 1`,
		`51["x"]`:                    `illegal attachments: a binary packet says how many follow, and then "-", at byte 2`,
		`5`:                          `illegal attachments: a binary packet says how many follow, and then "-", at byte 1`,
		`51`:                         `illegal attachments: a binary packet says how many follow, and then "-", at byte 2`,
		`5-1-["x"]`:                  `illegal attachments: a binary packet says how many follow, and then "-", at byte 1`,
		`59999999-["x"]`:             `illegal attachments: a binary packet says how many follow, and then "-", at byte 7`,
		`299999999999999999999["x"]`: "an acknowledgement id that is too large, at byte 1",
	} {
		if _, _, err := Parse([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}

func TestAttachments(t *testing.T) {
	p := Packet{Type: Event, Namespace: "/chat", Asks: true, ID: 7,
		Args: []any{"file", []byte{1, 2}, map[string]any{"z": []byte{3}, "a": []any{[]byte{4}, "x"}}}}
	text, attachments, err := p.Encode()
	const want = `53-/chat,7["file",{"_placeholder":true,"num":0},{"a":[{"_placeholder":true,"num":1},"x"],"z":{"_placeholder":true,"num":2}}]`
	if err != nil || string(text) != want || fmt.Sprint(attachments) != "[[1 2] [4] [3]]" {
		t.Fatalf("it is written as %s, %v, %v", text, attachments, err)
	}
	var d Decoder
	got, err := d.Text(text)
	for i := 0; err == nil && got == nil; i++ {
		if d.Waiting() != 3-i {
			t.Errorf("before attachment %d it waits for %d", i, d.Waiting())
		}
		got, err = d.Binary(attachments[i])
	}
	if err != nil || !reflect.DeepEqual(*got, p) {
		t.Errorf("it is read as %+v, %v", got, err)
	}
	if got, err := d.Text([]byte(`50-["x"]`)); err != nil || got == nil {
		t.Errorf("none announced: %v, %v", got, err)
	}
	if got, err := d.Text([]byte(`2["x",{"_placeholder":true,"num":0}]`)); err != nil || reflect.TypeOf(got.Args[1]).Kind() != reflect.Map {
		t.Errorf("a placeholder in a packet without attachments is an object of the program's: %v, %v", got, err)
	}
}

func TestAttachmentsThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		what string
		text []string // "=" is an attachment
		want string
	}{
		{"bytes from nowhere", []string{"="}, "got binary data when not reconstructing a packet"},
		{"one is missing", []string{`52-["x"]`, "=", `2["y"]`}, "got plaintext data when reconstructing a packet: 1 of 2 attachments are missing"},
		{"too many", []string{`511-["x"]`}, "too many attachments: 11 are announced, and 10 may be"},
		{"a number beyond", []string{`51-["x",{"_placeholder":true,"num":1}]`, "="}, "illegal attachments: a placeholder names number 1 of 1"},
		{"a negative number", []string{`51-["x",[{"_placeholder":true,"num":-1}]]`, "="}, "illegal attachments: a placeholder names number -1 of 1"},
		{"one in two places", []string{`52-["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}]`, "=", "="}, "illegal attachments: two placeholders name number 1"},
		{"no number", []string{`51-["x",{"a":{"_placeholder":true}}]`, "="}, "illegal attachments: a placeholder names number <nil> of 1"},
	} {
		var d Decoder
		var err error
		for _, m := range c.text {
			if err != nil {
				t.Errorf("%s: too early: %v", c.what, err)
			}
			if m == "=" {
				_, err = d.Binary([]byte{1})
			} else {
				_, err = d.Text([]byte(m))
			}
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v\nwant %s", c.what, err, c.want)
		}
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	p := NewEvent("/", "x", func() {})
	if _, _, err := p.Encode(); err == nil || !strings.HasPrefix(err.Error(), "what is to be sent cannot be written as JSON: ") {
		t.Errorf("a function: %v", err)
	}
}

func TestTheParts(t *testing.T) {
	for text, want := range map[string]string{
		`2["chat","hi"]`: `type[2] event[["chat"] arguments[,"hi"]]`,
		`51-/a,12["chat",{"_placeholder":true,"num":0}]`: `type[5] attachments[1-] namespace[/a,] ack id[12] event[["chat"] arguments[,{"_placeholder":true,"num":0}]]`,
		`2 [ "chat" , 1]`: `type[2] event[ [ "chat"] arguments[ , 1]]`,
		`0/a`:             `type[0] namespace[/a]`,
		`0{"sid":"x"}`:    `type[0] payload[{"sid":"x"}]`,
		`313["ok"]`:       `type[3] ack id[13] payload[["ok"]]`,
		`2{}`:             `type[2] payload[{}]`,
		`9abc`:            `type[9] data[abc]`,
		`5["x"]`:          `type[5] payload[["x"]]`,
	} {
		parts, _ := Parts([]byte(text))
		var list []string
		at := 0
		for _, p := range parts {
			if p.From != at || !strings.HasSuffix(p.Sentence, ".") {
				t.Errorf("%s: %+v does not begin at %d, or says nothing", text, p, at)
			}
			at = p.To
			list = append(list, fmt.Sprintf("%s[%s]", p.Name, text[p.From:p.To]))
		}
		if got := strings.Join(list, " "); got != want {
			t.Errorf("%s: %s\nwant %s", text, got, want)
		}
	}
}

// What can be read can be written, and is then read as the same; its parts cover
// it without gap.
func FuzzPacket(f *testing.F) {
	for _, seed := range []string{``, `0`, `0/a,{"token":"1"}`, `1/a,`, `2["chat","hi",1.50,{"b":null}]`, `212["x"]`, `3/a,13["ok"]`, `4{"message":"no"}`,
		`52-/a,1["f",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`, `61-12[{"_placeholder":true,"num":0}]`, `2["\ud800"]`, `2[12]`, `5-["x"]`, `2["x"]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		parts, partsErr := Parts(b)
		at := 0
		for _, p := range parts {
			if p.From != at || p.To <= p.From || p.To > len(b) {
				t.Errorf("part %+v does not begin at %d", p, at)
			}
			at = p.To
		}
		if len(b) > 0 && at != len(b) {
			t.Errorf("the parts end at %d of %d", at, len(b))
		}
		var d Decoder
		p, err := d.Text(b)
		if _, _, parsed := Parse(b); (parsed == nil) != (partsErr == nil) {
			t.Errorf("the packet says %v, and the parts %v", parsed, partsErr)
		}
		for n := 0; err == nil && p == nil && n < DefaultMaxAttachments; n++ {
			p, err = d.Binary([]byte{byte(n)})
		}
		if err != nil || p == nil {
			return
		}
		text, attachments, err := p.Encode()
		if err != nil {
			t.Fatalf("%q is read as %+v, which cannot be written: %v", b, p, err)
		}
		again, err := d.Text(text)
		for _, a := range attachments {
			if again == nil && err == nil {
				again, err = d.Binary(a)
			}
		}
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("%q is read as %+v, written as %q and then read as %+v, %v", b, p, text, again, err)
		}
	})
}
