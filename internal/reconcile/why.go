package reconcile

import (
	"slices"

	"conversion"
)

// Standing is one claim for a variable, and what became of it in the contest for its value.
type Standing struct {
	Value conversion.Value
	At    conversion.Moment
	From  conversion.Ref // the claiming record; zero for Conversion's own
	By    conversion.Actor
	Wins  bool
	Why   string // why it is the value, or is not, for a person
}

// Explain lists every claim that is remembered for a variable, the one that is its value
// first, the others from newer to older: the answer to "why is this value here?" (spec 7.2).
func Explain(g conversion.Group, v *conversion.Variable) []Standing {
	if isKey(v) {
		return nil // who a contact is, identity decides
	}
	claims := contenders(g, v)
	slices.SortFunc(claims, func(a, b contender) int { return compare(v, b, a) })
	won, ok := winner(g, v)
	standings := make([]Standing, 0, len(claims))
	for _, c := range claims {
		s := Standing{Value: c.value, At: c.stamp.At, From: c.from, By: c.by}
		s.Wins = ok && c.resolved(v.ID) == won && !slices.ContainsFunc(standings, func(s Standing) bool { return s.Wins })
		standings = append(standings, s)
	}
	slices.SortStableFunc(standings, func(a, b Standing) int {
		switch {
		case a.Wins == b.Wins:
			return 0
		case a.Wins:
			return -1
		}
		return 1
	})
	for i := range standings {
		standings[i].Why = whyStanding(v, standings, i, claims)
	}
	return standings
}

// contenders returns every claim there is: one of each link that ever made one, ended ones
// too, and Conversion's own.
func contenders(g conversion.Group, v *conversion.Variable) []contender {
	var claims []contender
	for _, l := range g.Links {
		if c, made := linkClaim(l, v.ID); made {
			claims = append(claims, c)
		}
	}
	if own, ok := ownClaim(g, v.ID); ok {
		claims = append(claims, own)
	}
	return claims
}

func whyStanding(v *conversion.Variable, standings []Standing, i int, claims []contender) string {
	s := standings[i]
	if s.Wins {
		return whyWins(v, s, len(standings))
	}
	if modeDecides(v, s, standings[0]) {
		return "The mode of the variable puts the other side first."
	}
	for _, c := range claims {
		if c.from == s.From && c.stamp.Weak {
			return "It is blank, false or a default that nobody chose: it yields to any other."
		}
	}
	return "A newer one replaced it."
}

func whyWins(v *conversion.Variable, s Standing, of int) string {
	switch {
	case of == 1:
		return "Nobody else says anything."
	case v.Mode == conversion.ModeTwoWay:
		return "It is the newest."
	case s.From.Zero():
		return "The mode of the variable, or the time, puts Conversion's own first."
	}
	return "The mode of the variable, or the time, puts this record's first."
}

// modeDecides reports whether a claim lost to one of the other side under a mode that does
// not go by time alone.
func modeDecides(v *conversion.Variable, lost, won Standing) bool {
	return v.Mode != conversion.ModeTwoWay && (lost.From.Zero() != won.From.Zero() || !won.Wins)
}
