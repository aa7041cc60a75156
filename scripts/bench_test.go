package scripts

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBenchMeasuresEachScenarioBesideItsFloor judges no time.
func TestBenchMeasuresEachScenarioBesideItsFloor(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bench.json")
	cmd := exec.Command(binary, "bench", "--people", "200", "--edits", "20", "--changes", "10", "--seconds", "1", "--json", file)
	cmd.Env = append(os.Environ(), "CONVERSION_BENCH_POSTGRES=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Figures []struct {
			Scenario, What  string
			Count, Requests int
			Seconds         float64
			OfFloor         float64 `json:"of_floor"`
			P99             float64 `json:"p99_ms"`
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	told := make(map[string]int)
	for _, f := range report.Figures {
		told[f.Scenario]++
		switch {
		case f.Seconds <= 0, f.Count == 0 && f.Scenario != "idle cycle":
			t.Errorf("nothing was measured: %+v", f)
		case f.What == "Conversion" && f.Requests == 0:
			t.Errorf("no request was counted: %+v", f)
		case (f.Scenario == "API" || f.Scenario == "latency") && f.P99 == 0:
			t.Errorf("no percentiles: %+v", f)
		}
	}
	for scenario, lines := range map[string]int{
		"first load": 2, "idle cycle": 1, "cycle with changes": 1, "API": 4, "push of edits": 2, "push of new contacts": 2, "latency": 1,
	} {
		if told[scenario] != lines {
			t.Errorf("%s has %d figures, want %d", scenario, told[scenario], lines)
		}
	}
}
