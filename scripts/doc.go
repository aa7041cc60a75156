// Package scripts holds scenarios that drive the whole binary: a sandbox org and a serving
// Conversion as processes of their own, told what to do by one text file each.
//
// The commands the scenarios have beside testscript's own are explained in commands_test.go.
// It has no code besides its tests.
package scripts
