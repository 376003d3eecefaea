package source

import "errors"

// ParseAll reads every value of --source, in order; none at all means one source of the kind Resource. The environment's variables
// come from env, which tells whether there is one of a name. The error joins all mistakes of all values, each a sentence that names
// its source and says what is allowed; none repeats the password of a URL.
func ParseAll(values []string, d Defaults, env func(name string) (string, bool)) ([]Source, error) {
	if len(values) == 0 {
		values = []string{Resource.String()}
	}
	drafts := make([]*draft, 0, len(values))
	for _, value := range values {
		drafts = append(drafts, read(value, env))
	}
	settleAccess(drafts, d)
	checkReached(drafts, d)

	var mistakes []error
	sources := make([]Source, 0, len(drafts))
	for _, draft := range drafts {
		draft.checkKubelet(d)
		draft.checkTimes(d)
		mistakes = append(mistakes, draft.mistakes...)
		sources = append(sources, draft.source(d))
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return sources, nil
}

// Parse reads one value of --source as ParseAll does.
func Parse(value string, d Defaults, env func(name string) (string, bool)) (Source, error) {
	sources, err := ParseAll([]string{value}, d, env)
	if err != nil {
		return Source{}, err
	}
	return sources[0], nil
}
