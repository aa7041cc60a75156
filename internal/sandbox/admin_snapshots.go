package sandbox

import (
	"net/http"
)

func (c *call) adminSnapshots() *Error {
	return c.json(http.StatusOK, map[string]any{"snapshots": c.org.Snapshots()})
}

func (c *call) adminSnapshot() *Error {
	var sent struct {
		Name string `json:"name"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.Snapshot(sent.Name))
}

func (c *call) adminRestore() *Error {
	var sent struct {
		Clock bool `json:"clock"`
	}
	if len(c.body) > 0 {
		if err := c.decode(&sent); err != nil {
			return err
		}
	}
	return c.done(c.org.Restore(c.params["name"], RestoreOptions{Clock: sent.Clock}))
}

func (c *call) adminDropSnapshot() *Error {
	if !c.org.DropSnapshot(c.params["name"]) {
		return noSnapshot(c.params["name"])
	}
	return c.done(nil)
}
