package passage

import (
	"math"
	"strconv"
	"strings"

	"pasaj/geo"
	"pasaj/geo/hazard"
)

// exchangeText says what more time buys: from the fastest way to the knee, or
// to the least risky way where there is no knee.
func exchangeText(f Frontier) geo.Text {
	last := len(f.Points) - 1
	switch {
	case last < 0:
		return geo.Text{
			French:  "Aucun trajet praticable d’après les rapports.",
			Haitian: "Pa gen wout moun ka pase dapre rapò yo.",
			English: "No passable way by what is reported.",
		}
	case last == 0:
		return geo.Text{
			French:  "Le trajet le plus rapide est aussi celui de moindre risque modélisé.",
			Haitian: "Wout ki pi rapid la se li ki gen mwens risk tou dapre modèl la.",
			English: "The fastest way is also the one of least modelled risk.",
		}
	}
	to := f.Points[last]
	if f.Knee != nil {
		to = f.Points[*f.Knee]
	}
	point := func(p FrontierPoint) hazard.Point { return hazard.Point{TimeS: p.DurationS, Risk: p.Risk} }
	x, ok := hazard.ExchangeRate(point(f.Points[0]), point(to))
	if !ok {
		return geo.Text{
			French:  "La différence de risque est trop faible pour un taux d’échange.",
			Haitian: "Diferans risk la twò piti pou fè yon konparezon.",
			English: "The difference in risk is too small for a rate of exchange.",
		}
	}
	extra, percent := duration(x.ExtraS), percentage(x.RiskSavedShare)
	return geo.Text{
		French:  extra + " de plus que le plus rapide : " + percent + " % de son risque modélisé en moins.",
		Haitian: extra + " anplis sou wout ki pi rapid la: " + percent + " % mwens nan risk li dapre modèl la.",
		English: extra + " more than the fastest: " + percent + " % less of its modelled risk.",
	}
}

// duration is a time in minutes, from two hours on in hours and minutes.
func duration(seconds float64) string {
	minutes := int(math.Round(math.Abs(seconds) / 60))
	if minutes < 120 {
		return strconv.Itoa(minutes) + " min"
	}
	rest := strconv.Itoa(minutes % 60)
	return strconv.Itoa(minutes/60) + " h " + strings.Repeat("0", 2-len(rest)) + rest
}

func percentage(share float64) string {
	return strconv.FormatFloat(math.Round(share*100), 'f', 0, 64)
}

// differenceOf compares a way with the first one of an answer.
func differenceOf(first, a *Answer, shared float64) Difference {
	d := Difference{
		DurationS: a.DurationS - first.DurationS, LengthM: metres(a.LengthM - first.LengthM),
		Risk:        roundRisk(a.Risk.Known + a.Risk.Unknown - first.Risk.Known - first.Risk.Unknown),
		SharedShare: math.Round(shared*1000) / 1000,
	}
	if a == first {
		d.Text = geo.Text{
			French: "Le trajet auquel les autres sont comparés.", Haitian: "Se ak wout sa a nou konpare lòt yo.", English: "The way that the others are compared with.",
		}
		return d
	}
	d.Text = d.text(first.Risk.Known+first.Risk.Unknown, a.Advice != first.Advice, a.Advice)
	return d
}

func (d *Difference) text(firstRisk float64, otherAdvice bool, advice string) geo.Text {
	var fr, ht, en []string
	say := func(french, haitian, english string) {
		fr, ht, en = append(fr, french), append(ht, haitian), append(en, english)
	}
	extra := duration(d.DurationS)
	switch {
	case extra == "0 min":
		say("même durée que le premier trajet", "menm tan ak premye wout la", "as long as the first way in time")
	case d.DurationS > 0:
		say(extra+" de plus", extra+" anplis", extra+" longer")
	default:
		say(extra+" de moins", extra+" mwens", extra+" shorter")
	}
	say(kilometresSigned(d.LengthM, ","), kilometresSigned(d.LengthM, ","), kilometresSigned(d.LengthM, "."))
	if firstRisk > 0 {
		share := percentage(math.Abs(d.Risk) / firstRisk)
		switch {
		case share == "0":
			say("même risque modélisé", "menm risk dapre modèl la", "the same modelled risk")
		case d.Risk > 0:
			say(share+" % de plus que le risque modélisé du premier", share+" % anplis sou risk premye wout la", share+" % more than the first way’s modelled risk")
		default:
			say(share+" % de moins que le risque modélisé du premier", share+" % mwens pase risk premye wout la", share+" % less than the first way’s modelled risk")
		}
	}
	share := percentage(d.SharedShare)
	say(share+" % de sa longueur en commun avec le premier", share+" % longè li se menm wout ak premye a", share+" % of its length shared with the first")
	if otherAdvice {
		w := wordOf(geo.Advices, advice)
		say("avis : "+w.French, "konsèy: "+w.Haitian, "advice: "+w.English)
	}
	join := func(parts []string) string { return capital(strings.Join(parts, "; ")) + "." }
	return geo.Text{French: strings.ReplaceAll(join(fr), "; ", " ; "), Haitian: join(ht), English: join(en)}
}

func kilometresSigned(m float64, comma string) string {
	switch text := kilometres(math.Abs(m), comma); {
	case math.Round(m/100) == 0:
		return "±0 km"
	case m > 0:
		return "+" + text
	default:
		return "−" + text
	}
}

// decimal is a number with one decimal.
func decimal(n float64, comma string) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', 1, 64), ".", comma, 1)
}
