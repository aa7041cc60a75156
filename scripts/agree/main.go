// Command agree compares a Salesforce org with a Conversion that is at rest, knowing
// nothing of either but what their public APIs answer: Salesforce's REST API on one side,
// Conversion's JSON API on the other.
//
// It must share no code with the product: it is there to disagree with it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	var org, conversion api
	flag.StringVar(&org.base, "org", "", "instance URL of the org")
	flag.StringVar(&org.token, "org-token", "", "access token for the org")
	flag.StringVar(&conversion.base, "conversion", "", "address of Conversion")
	flag.StringVar(&conversion.token, "key", "", "API key of the workspace")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, org, conversion)
	stop()
	os.Exit(code)
}

// run prints a report as JSON: 0 both sides agree but for what is allowed, 1 they do not or
// could not be read.
func run(ctx context.Context, org, conversion api) int {
	there, err := readOrg(ctx, org, conversion)
	if err != nil {
		fmt.Fprintln(os.Stderr, "agree:", err)
		return 1
	}
	found := compare(there)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(found); err != nil {
		fmt.Fprintln(os.Stderr, "agree:", err)
		return 1
	}
	if len(found.Disagreements) > 0 {
		return 1
	}
	return 0
}
