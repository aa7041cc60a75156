// Package identity decides who is who: to which contact or company each observed record
// belongs, by link, e-mail or website domain, and what becomes of a link whose record was
// deleted, converted, merged or given another e-mail.
//
// It is pure: no context, no clock, no I/O, no logger. Candidates are looked up before;
// what it is not given does not exist.
package identity
