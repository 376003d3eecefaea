// Package flagvalue is the language that the values of --source and --sink have in common, PREFIX[:CONFIG][?OPTIONS]: its quotes, variables and options, and
// messages about mistakes that repeat no secret.
//
// Packages source and sink parse with it, and add prefixes, options and rules of their own. It is a leaf: it opens no file, and the caller passes the function
// that looks up environment variables.
package flagvalue
