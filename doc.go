// Package conversion is the vocabulary of the product: the words of the behaviour
// contract as types, and the few rules that belong to a word itself (how a value is
// brought to its canonical form, which of two claims is newer, what a rule allows).
//
// It is a leaf. It must never import another package of this module, do I/O, read a
// clock or log.
package conversion
