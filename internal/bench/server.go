package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// server is a Conversion with an org to connect to.
type server struct {
	*process
	client
	org *org
}

var serverReady = regexp.MustCompile(`Conversion is at (\S+)`)

func startServer(ctx context.Context, binary, database string, o *org) (*server, error) {
	host := strings.TrimPrefix(o.rest.url, "http://")
	env := []string{"CONVERSION_DATABASE=" + database, "CONVERSION_LOG_LEVEL=warn"}
	p, said, err := start(ctx, serverReady, binary, env, "serve", "--listen", "127.0.0.1:0", "--salesforce-allow-host", host)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, binary, "keys", "create", "--name", "bench")
	cmd.Env = append(os.Environ(), env...)
	key, err := cmd.Output()
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("make an API key: %w", err)
	}
	return &server{p, newClient(said[1]+"/api/v1", strings.TrimSpace(string(key))), o}, nil
}

// freeAddress is one on which nobody listens now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

const integration = "/integrations/salesforce"

// connect connects to the org and waits until everything is read for the first time.
func (s *server) connect(ctx context.Context) error {
	err := s.call(ctx, "POST", integration+"/connect", map[string]string{
		"flow": "client_credentials", "login_url": s.org.rest.url, "client_id": "sandbox-client", "client_secret": "sandbox-secret",
	}, nil)
	if err != nil {
		return err
	}
	return await(ctx, 20*time.Millisecond, func() (bool, error) {
		var now struct{ Status, Message string }
		if err := s.call(ctx, "GET", integration, nil, &now); err != nil {
			return false, err
		}
		if slices.Contains([]string{"error", "reconnect", "paused"}, now.Status) {
			return false, errors.New(now.Message)
		}
		return now.Status == "synced", nil
	})
}

// sync asks for a cycle and waits for its end.
func (s *server) sync(ctx context.Context) error {
	var asked struct {
		Runs []string `json:"run_ids"`
	}
	if err := s.call(ctx, "POST", integration+"/sync", nil, &asked); err != nil {
		return err
	}
	return await(ctx, 10*time.Millisecond, func() (bool, error) {
		var list struct {
			Data []struct{ ID, Status string } `json:"data"`
		}
		if err := s.call(ctx, "GET", "/runs?limit=50", nil, &list); err != nil {
			return false, err
		}
		left := len(asked.Runs)
		for _, run := range list.Data {
			if slices.Contains(asked.Runs, run.ID) && run.Status == "done" {
				left--
			}
		}
		return left == 0, nil
	})
}

// letThrough turns everything on that a push needs, and lets nobody ask for an approval: what
// is measured is how fast it goes.
func (s *server) letThrough(ctx context.Context) error {
	err := s.call(ctx, "PUT", integration+"/rules", map[string]any{
		"contacts_created": "leads", "contacts_updated": "all", "defaults": map[string]string{"Lead.Company": "Unknown"},
	}, nil)
	if err != nil {
		return err
	}
	return s.call(ctx, "PUT", integration+"/options", map[string]any{
		"breaker": map[string]int{"max_deletions": 100, "max_deletions_percent": 5, "max_changed_percent": 100},
	}, nil)
}

// person is a contact, with how many records of it are in Salesforce.
type person struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Links []struct{ Status string }
}

func (p person) records() (n int) {
	for _, l := range p.Links {
		if l.Status == "linked" {
			n++
		}
	}
	return n
}

// contacts lists the first of them.
func (s *server) contacts(ctx context.Context, count int) (list []person, err error) {
	for cursor := ""; len(list) < count; {
		var page struct {
			Data []person `json:"data"`
			Next string   `json:"next_cursor"`
		}
		if err := s.call(ctx, "GET", "/contacts?limit=1000&cursor="+cursor, nil, &page); err != nil {
			return nil, err
		}
		if list, cursor = append(list, page.Data...), page.Next; cursor == "" {
			break
		}
	}
	return list[:min(count, len(list))], nil
}

// draft is a contact as the API takes it.
type draft struct {
	Email     string            `json:"email"`
	Variables map[string]string `json:"variables"`
}

// save makes or edits contacts, a thousand a call.
func (s *server) save(ctx context.Context, drafts []draft) error {
	for some := range slices.Chunk(drafts, 1000) {
		var answer struct {
			Data []struct{ Status int } `json:"data"`
		}
		if err := s.call(ctx, "POST", "/contacts/batch", map[string]any{"contacts": some}, &answer); err != nil {
			return err
		}
		for i, one := range answer.Data {
			if one.Status >= 300 {
				return fmt.Errorf("contact %d of a batch was answered with %d", i, one.Status)
			}
		}
	}
	return nil
}
