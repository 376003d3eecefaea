package flagvalue_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

var language = flagvalue.NewLanguage("sink", []string{"pw", "pwFile", "user", "token"}, []string{"pw", "token"})

// parse returns the options that a value gives, and the messages about it.
func parse(raw string) (map[string]string, []string) {
	v := flagvalue.Value{Language: language, Raw: raw}
	_, config := v.Split()
	_, query := v.SplitConfig(v.Expand(config, func(string) (string, bool) { return "a&b=c;%'+", true }))
	given := map[string]string{}
	v.ParseOptions(query, []string{"pw", "pwFile", "user", "token"}, func(name, value string) error {
		if given[name] = value; value == "bad" {
			return errors.New("is bad")
		}
		return nil
	})
	var messages []string
	for _, err := range v.Errs {
		messages = append(messages, err.Error())
	}
	return given, messages
}

func TestMessagesRepeatNoSecret(t *testing.T) {
	for _, tc := range []struct {
		raw  string
		want []string
	}{
		{"x?pw=bad", []string{`sink "x?pw=REDACTED": pw is bad`}},
		{"x?user=bad&token=sesame", []string{`sink "x?user=bad&token=REDACTED": user="bad" is bad`}},
		{"x?pw=sesame&pw=other", []string{`sink "x?pw=REDACTED&pw=REDACTED" gives pw twice, with two values: leave out one`}},
		{"x?pw=ses'ame", []string{`sink "x?pw=REDACTED": "pw=REDACTED" has a quote that is not one of a pair around it: leave it out, since no shell takes it away here, or write %27 for ' and %22 for "`}},
		{"x?pw=%zz", []string{`sink "x?pw=REDACTED": "pw=REDACTED" has a % that two hexadecimal digits do not follow: write %25 for the sign itself`}},
		{"x?pw=a&sesame", []string{`sink "x?pw=REDACTED" has behind pw an & and no option: write %26 for the sign itself, or give the value in a variable or a file`}},
		{"x?pw=a&sesame;b", []string{`sink "x?pw=REDACTED": "pw=REDACTED" has a semicolon: separate options with &, and write %3B for the sign itself`}},
		{"x?pw=a&sesame=1&sesame=2", []string{
			`sink "x?pw=REDACTED" has behind pw an & and no option: write %26 for the sign itself, or give the value in a variable or a file`,
			`sink "x?pw=REDACTED" has behind pw an & and no option: write %26 for the sign itself, or give the value in a variable or a file`,
		}},
		{"x?PW=sesame", []string{`sink "x?PW=REDACTED" has the unknown option "PW": did you mean pw? Allowed are pw, pwFile, user, token`}},
		{"x?p=sesame", []string{`sink "x?p=REDACTED" has the unknown option "p": allowed are pw, pwFile, user, token`}},
		{"x?user=u&pass=ses;ame", []string{`sink "x?user=u&pass=REDACTED": "pass=REDACTED" has a semicolon: separate options with &, and write %3B for the sign itself`}},
		{"x?api-key='sesame", []string{`sink "x?api-key=REDACTED": "api-key=REDACTED" has a quote that is not one of a pair around it: leave it out, since no shell takes it away here, or write %27 for ' and %22 for "`}},
		{"x?Authorization=%zz", []string{`sink "x?Authorization=REDACTED": "Authorization=REDACTED" has a % that two hexadecimal digits do not follow: write %25 for the sign itself`}},
		{"x?password=sesame&pwFile=/a&tokenFile=/b", []string{
			`sink "x?password=REDACTED&pwFile=/a&tokenFile=/b" has the unknown option "password": allowed are pw, pwFile, user, token`,
			`sink "x?password=REDACTED&pwFile=/a&tokenFile=/b" has the unknown option "tokenFile": allowed are pw, pwFile, user, token`,
		}},
	} {
		t.Run(tc.raw, func(t *testing.T) {
			_, got := parse(tc.raw)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVariableInASecret has the value of a variable be a password as it is, where in other options it may have options of its own.
func TestVariableInASecret(t *testing.T) {
	const any = "a&b=c;%'+"
	given, messages := parse("x?pw=1${V}2&token=$V&user=u")
	if diff := cmp.Diff(map[string]string{"pw": "1" + any + "2", "token": any, "user": "u"}, given); diff != "" || messages != nil {
		t.Errorf("options (-want +got):\n%s\nmessages %q", diff, messages)
	}
	if _, messages := parse("x?user=$V"); !strings.Contains(strings.Join(messages, "\n"), "semicolon") {
		t.Errorf("a variable elsewhere is parsed: %q", messages)
	}
}
