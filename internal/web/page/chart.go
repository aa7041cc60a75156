package page

import (
	"slices"
	"strconv"

	"conversion"
)

// The chart's own units; the style sheet stretches it.
const (
	chartWidth  = 600
	chartHeight = 56
	chartBars   = 24
)

// bar is one run in the chart of recent runs.
type bar struct {
	X, Y, Width, Height string
	Class               string
	Title               string
}

// bars draws runs as columns, the oldest first, each as high as it touched records.
func bars(runs []conversion.Run) []bar {
	runs = slices.Clone(runs[:min(len(runs), chartBars)])
	slices.Reverse(runs)
	highest := 1
	for _, r := range runs {
		highest = max(highest, r.Counts.Total())
	}
	step := float64(chartWidth) / float64(chartBars)
	drawn := make([]bar, len(runs))
	for i, r := range runs {
		height := max(2, float64(chartHeight)*float64(r.Counts.Total())/float64(highest))
		drawn[i] = bar{
			X: coordinate(float64(chartBars-len(runs)+i) * step), Width: coordinate(step - 2),
			Y: coordinate(chartHeight - height), Height: coordinate(height),
			Class: barClass(r.Direction),
			Title: objectName(r.Object) + ", " + string(r.Direction) + ": " + plural(r.Counts.Total(), "record", "records"),
		}
	}
	return drawn
}

func barClass(d conversion.Direction) string {
	if d == conversion.Outbound {
		return "out"
	}
	return "in"
}

func coordinate(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
