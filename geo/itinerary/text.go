package itinerary

import (
	"fmt"
	"math"
	"strings"
	"time"

	"pasaj/geo"
	"pasaj/geo/hazard"
	"pasaj/geo/passage"
)

// words are the labels of the text form.
type words struct {
	length, duration, control, unassessed, unobserved, tolls, unknownPrice, knownPrices, risk, opening, waited, refuges, until, state, network, none, colon string
}

var inFrench = words{
	length: "Longueur", duration: "Durée estimée", control: "Terrain", unassessed: "non évalué",
	unobserved: "Sans nouvelle récente", tolls: "Péages", unknownPrice: "prix inconnu", knownPrices: "prix connu pour %d sur %d", network: "Réseau", colon: " :",
	risk:    "Risque modélisé (indice, pas une probabilité)",
	opening: "Prochaine ouverture", waited: "attente comprise dans la durée", refuges: "Lieux d’aide proches",
	until: "Valable jusqu’au", state: "Révision %d, public %s, départ %s", none: "Aucune raison particulière n’est rapportée.",
}

var inHaitian = words{
	length: "Longè", duration: "Tan apeprè", control: "Teren", unassessed: "pa evalye",
	unobserved: "San nouvèl resan", tolls: "Peyaj", unknownPrice: "pri pa konnen", knownPrices: "pri konnen pou %d sou %d", network: "Rezo", colon: ":",
	risk:    "Risk modèl la kalkile (se yon endis, se pa yon pwobabilite)",
	opening: "Pwochen ouvèti", waited: "tan pou tann nan ladan l", refuges: "Kote ki bay èd toupre",
	until: "Bon jiska", state: "Revizyon %d, piblik %s, depa %s", none: "Pa gen okenn rezon patikilye ki rapòte.",
}

var inEnglish = words{
	length: "Length", duration: "Estimated time", control: "Ground", unassessed: "not assessed",
	unobserved: "Without recent news", tolls: "Tolls", unknownPrice: "price unknown", knownPrices: "price known for %d of %d", network: "Network", colon: ":",
	risk:    "Modelled risk (an index, not a probability)",
	opening: "Next opening", waited: "the wait is in the time", refuges: "Places of help nearby",
	until: "Valid until", state: "Revision %d, audience %s, departure %s", none: "No particular reason is reported.",
}

func wordsIn(language string) *words {
	switch language {
	case "ht":
		return &inHaitian
	case "en":
		return &inEnglish
	default:
		return &inFrench
	}
}

// local is the time of Haiti where the machine knows it, else universal time: the
// zone is written with every time.
func local(t time.Time) string {
	zone, err := time.LoadLocation("America/Port-au-Prince")
	if err != nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2006-01-02 15:04 MST")
}

// Text is the answer as lines to print, in fr, ht or en; French for any other.
func Text(a *passage.Answer, language string) string {
	w := wordsIn(language)
	var b strings.Builder
	line := func(format string, arguments ...any) { fmt.Fprintf(&b, format+"\n", arguments...) }
	line("%s", strings.ToUpper(labelOf(geo.Advices, a.Advice).In(language)))
	minutes := int(math.Ceil(a.DurationS / 60))
	line("%s"+w.colon+" %s km", w.length, kilometres(a.LengthM/1000, language))
	line("%s"+w.colon+" %d h %02d", w.duration, minutes/60, minutes%60)
	var ground []string
	for _, c := range a.Control {
		ground = append(ground, fmt.Sprintf("%s %s km", labelOf(geo.ControlTypes, c.ControlType).In(language), kilometres(c.LengthM/1000, language)))
	}
	if a.UnassessedM > 0 {
		ground = append(ground, fmt.Sprintf("%s %s km", w.unassessed, kilometres(a.UnassessedM/1000, language)))
	}
	if len(ground) > 0 {
		line("%s"+w.colon+" %s", w.control, strings.Join(ground, "; "))
	}
	line("%s"+w.colon+" %s km / %s km", w.unobserved, kilometres(a.UnobservedM/1000, language), kilometres(a.LengthM/1000, language))
	if a.Tolls.Count > 0 {
		line("%s"+w.colon+" %d, %s", w.tolls, a.Tolls.Count, price(a, w))
	}
	if a.Risk.Band != "" {
		line("%s"+w.colon+" %s", w.risk, labelOf(hazard.BandWords, a.Risk.Band).In(language))
	}
	if o := a.NextOpening; o != nil {
		when := fmt.Sprintf("km %s, %s", kilometres(o.Km, language), local(o.At))
		if o.Waited {
			when += " (" + w.waited + ")"
		}
		line("%s"+w.colon+" %s", w.opening, when)
	}
	line("")
	for i := range a.Reasons {
		line("km %s  %s", kilometres(a.Reasons[i].Km, language), a.Reasons[i].Text.In(language))
	}
	if len(a.Reasons) == 0 {
		line("%s", w.none)
	}
	if len(a.Refuges) > 0 {
		line("")
		line("%s"+w.colon, w.refuges)
	}
	for i := range a.Refuges {
		line("%s", refuge(&a.Refuges[i], language))
	}
	line("")
	line("%s"+w.colon+" %s", w.until, local(a.ValidUntil))
	line(w.state, a.Revision, a.Audience, local(a.DepartAt))
	if n := a.Network; n != nil {
		line("%s"+w.colon+" %s", w.network, strings.TrimSuffix(n.Name+". "+n.Licence, ". "))
	}
	line("%s", a.Notice.In(language))
	return b.String()
}

// price is what the known tolls come to, as a range where prices differ, and of
// how many of them the price is known.
func price(a *passage.Answer, w *words) string {
	t := &a.Tolls
	if t.TotalHTG == nil {
		return w.unknownPrice
	}
	text := fmt.Sprintf("%.0f HTG", *t.TotalHTG)
	if t.LowHTG != nil && t.HighHTG != nil && *t.LowHTG != *t.HighHTG {
		text += fmt.Sprintf(" (%.0f–%.0f)", *t.LowHTG, *t.HighHTG)
	}
	for _, class := range t.Classes {
		if class.Vehicle == a.Vehicle {
			text += fmt.Sprintf(" ("+w.knownPrices+")", class.Known, t.Count)
		}
	}
	return text
}

// refuge is one line on a place of help: where, what, and in what state.
func refuge(r *passage.Refuge, language string) string {
	name := r.FacilityType
	l, known := geo.LayerByName(r.Collection)
	if known {
		name = valueOf(l, "facility_type", r.FacilityType).In(language)
	}
	if r.Name != nil {
		name = *r.Name + " (" + name + ")"
	}
	out := fmt.Sprintf("km %s  %s, %.0f m", kilometres(r.Km, language), name, r.DistanceM)
	if known && r.Functional != "" {
		out += ", " + valueOf(l, "functional", r.Functional).In(language)
	}
	return out
}

// valueOf is the label of a value of a layer's enumeration.
func valueOf(l *geo.Layer, property, value string) geo.Text {
	if p, ok := l.Property(property); ok {
		return labelOf(p.Words, value)
	}
	return labelOf(nil, value)
}

// labelOf is the label of a value; the value itself for one without.
func labelOf(words []geo.Word, value string) geo.Text {
	for _, w := range words {
		if w.Value == value {
			return w.Label
		}
	}
	return geo.Text{French: value, Haitian: value, English: value}
}
