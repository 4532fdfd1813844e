package passage

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"pasaj/geo"
)

// The sentences of an answer in French, Haitian Creole and English. None of
// them says that a way is without danger: they say what is reported.

var notice = geo.Text{
	French:  "Réponse tirée de rapports datés et approximatifs. Ce qui n’est pas rapporté n’est pas connu. Ne remplace ni un contact sur place ni le jugement.",
	Haitian: "Repons sa a soti nan rapò ki gen dat epi ki pa egzak. Sa yo pa rapòte, nou pa konnen l. Li pa ranplase ni moun sou plas ni jijman.",
	English: "Answer from dated and approximate reports. What is not reported is not known. It replaces neither local contacts nor judgement.",
}

// label is the word for a value of a layer's enumeration.
func label(layer, property, value string) geo.Text {
	if l, ok := geo.LayerByName(layer); ok {
		if p, ok := l.Property(property); ok {
			return wordOf(p.Words, value)
		}
	}
	return geo.Text{French: value, Haitian: value, English: value}
}

func wordOf(words []geo.Word, value string) geo.Text {
	for _, w := range words {
		if w.Value == value {
			return w.Label
		}
	}
	return geo.Text{French: value, Haitian: value, English: value}
}

func (q *question) roadblockText(x *encounter) geo.Text {
	v := x.obstacle.version
	kind := label("roadblocks", "subtype", v.Text("subtype"))
	actor := label("roadblocks", "actor_type", v.Text("actor_type"))
	terms := wordOf(geo.Passabilities, x.verdict.passability)
	schedule := geo.Text{}
	if text := v.Text("schedule"); text != "" {
		switch {
		case x.obstacle.unreadable:
			schedule = geo.Text{French: ", horaire illisible", Haitian: ", orè a pa lizib", English: ", schedule not readable"}
		case x.wait > 0:
			schedule = geo.Text{French: ", fermé à l’arrivée, ouvre après " + waited(x.wait) + " d’attente (" + text + ")", Haitian: ", fèmen lè w rive, l ap louvri apre " + waited(x.wait) + " (" + text + ")", English: ", closed on arrival, opens after a wait of " + waited(x.wait) + " (" + text + ")"}
		case x.verdict.shut:
			schedule = geo.Text{French: ", fermé à l’heure d’arrivée (" + text + ")", Haitian: ", fèmen lè w ap rive (" + text + ")", English: ", closed on arrival (" + text + ")"}
		default:
			schedule = geo.Text{French: ", horaire " + text, Haitian: ", orè " + text, English: ", schedule " + text}
		}
	}
	name := inBrackets(v.Name())
	worth := q.worth(v)
	return geo.Text{
		French:  capital(kind.French) + name.French + ", tenu par : " + actor.French + " ; passage : " + terms.French + schedule.French + " ; " + worth.French + ".",
		Haitian: capital(kind.Haitian) + name.Haitian + ", moun ki kenbe l: " + actor.Haitian + "; pasaj: " + terms.Haitian + schedule.Haitian + "; " + worth.Haitian + ".",
		English: capital(kind.English) + name.English + ", held by: " + actor.English + "; passage: " + terms.English + schedule.English + "; " + worth.English + ".",
	}
}

func (q *question) zoneText(c *crossing[*zone]) geo.Text {
	v := c.what.version
	control := wordOf(geo.ControlTypes, c.what.control)
	name := inBrackets(v.Name())
	worth := q.worth(v)
	return geo.Text{
		French:  "Zone : " + control.French + name.French + ", sur " + kilometres(c.lengthM(), ",") + " ; " + worth.French + ".",
		Haitian: "Zòn: " + control.Haitian + name.Haitian + ", sou " + kilometres(c.lengthM(), ",") + "; " + worth.Haitian + ".",
		English: "Zone: " + control.English + name.English + ", for " + kilometres(c.lengthM(), ".") + "; " + worth.English + ".",
	}
}

func (q *question) sectionText(c *crossing[*section]) geo.Text {
	v := c.what.version
	status := label("national-roads", "status", v.Text("status"))
	ends := strings.Trim(v.Text("from_name")+" – "+v.Text("to_name"), " –")
	if ends != "" {
		ends = " " + ends
	}
	limit := geo.Text{}
	if largest := v.Text("max_class"); largest != "" {
		class := wordOf(geo.VehicleClasses, largest)
		limit = geo.Text{French: ", au plus : " + class.French, Haitian: ", pi gwo machin: " + class.Haitian, English: ", at most: " + class.English}
	}
	worth := q.worth(v)
	ref := v.Text("ref") + ends
	return geo.Text{
		French:  ref + " : " + status.French + limit.French + " ; " + worth.French + ".",
		Haitian: ref + ": " + status.Haitian + limit.Haitian + "; " + worth.Haitian + ".",
		English: ref + ": " + status.English + limit.English + "; " + worth.English + ".",
	}
}

// worth says how much a report is worth: confidence and age.
func (q *question) worth(v *geo.Version) geo.Text {
	a := q.assess(v)
	t := geo.Text{French: "confiance inconnue", Haitian: "konfyans pa konnen", English: "confidence unknown"}
	if v.Value("confidence") != nil {
		l := label("roadblocks", "confidence_label", a.Label)
		t = geo.Text{French: "confiance " + l.French, Haitian: "konfyans " + l.Haitian, English: "confidence " + l.English}
	}
	switch {
	case a.Later:
		t.French += ", confirmé plus tard seulement"
		t.Haitian += ", se pita yo konfime l"
		t.English += ", confirmed only later"
	case a.Dated:
		t.French += ", confirmé il y a " + age(a.Age, "j")
		t.Haitian += ", konfime sa fè " + age(a.Age, "jou")
		t.English += ", confirmed " + age(a.Age, "d") + " ago"
	default:
		t.French += ", date de confirmation inconnue"
		t.Haitian += ", dat konfimasyon pa konnen"
		t.English += ", date of confirmation unknown"
	}
	if a.Stale {
		t.French += ", périmé"
		t.Haitian += ", pa fre ankò"
		t.English += ", stale"
	}
	return t
}

func accessText(m float64) geo.Text {
	n := strconv.FormatFloat(math.Round(m), 'f', 0, 64)
	return geo.Text{
		French:  "Le point est à " + n + " m de la route connue ; ce bout de chemin est une ligne droite.",
		Haitian: "Pwen an " + n + " m lwen wout nou konnen an; bout chemen sa a se yon liy dwat.",
		English: "The point is " + n + " m from the known road; this part of the way is a straight line.",
	}
}

func endText(s stage, lengthM float64) geo.Text {
	control := wordOf(geo.ControlTypes, s.rank.String())
	fr, ht, en := kilometres(s.length(), ","), kilometres(s.length(), ","), kilometres(s.length(), ".")
	switch {
	case s.from == 0 && s.to >= lengthM:
		return geo.Text{
			French:  "Tout le trajet est dans une zone : " + control.French + ", sur " + fr + ".",
			Haitian: "Tout wout la nan yon zòn: " + control.Haitian + ", sou " + ht + ".",
			English: "The whole way lies in a zone: " + control.English + ", for " + en + ".",
		}
	case s.from == 0:
		return geo.Text{
			French:  "Le départ est dans une zone : " + control.French + " ; " + fr + " pour en sortir.",
			Haitian: "Kote w kòmanse a nan yon zòn: " + control.Haitian + "; " + ht + " pou soti ladan l.",
			English: "The start lies in a zone: " + control.English + "; " + en + " to leave it.",
		}
	}
	return geo.Text{
		French:  "L’arrivée est dans une zone : " + control.French + " ; " + fr + " à l’intérieur.",
		Haitian: "Kote w rive a nan yon zòn: " + control.Haitian + "; " + ht + " anndan l.",
		English: "The end lies in a zone: " + control.English + "; " + en + " inside it.",
	}
}

func forbiddenText(m float64) geo.Text {
	return geo.Text{
		French:  "Route interdite à cette classe de véhicule, ou trop légère ou trop basse pour elle, selon la carte, sur " + kilometres(m, ",") + ".",
		Haitian: "Dapre kat la, kalite machin sa a pa ka pase sou wout sa a, sou " + kilometres(m, ",") + ".",
		English: "The map says that this class of vehicle may not drive here, or is too heavy or too high, for " + kilometres(m, ".") + ".",
	}
}

func schematicText(m, precisionM float64) geo.Text {
	return geo.Text{
		French:  fmt.Sprintf("Tracé schématique à %s près sur %s : longueur et durée sont sous-estimées.", kilometres(precisionM, ","), kilometres(m, ",")),
		Haitian: fmt.Sprintf("Trase wout la pa egzak (%s) sou %s: longè ak tan an twò piti.", kilometres(precisionM, ","), kilometres(m, ",")),
		English: fmt.Sprintf("Schematic course, good to %s, for %s: length and time are too small.", kilometres(precisionM, "."), kilometres(m, ".")),
	}
}

func unobservedText(m, share float64, maxAge time.Duration) geo.Text {
	percent := strconv.FormatFloat(math.Round(share*100), 'f', 0, 64)
	return geo.Text{
		French:  fmt.Sprintf("Sans nouvelle de moins de %s sur %s, soit %s %% de la longueur du trajet.", age(maxAge, "j"), kilometres(m, ","), percent),
		Haitian: fmt.Sprintf("Pa gen nouvèl ki gen mwens pase %s sou %s, sa vle di %s %% longè wout la.", age(maxAge, "jou"), kilometres(m, ","), percent),
		English: fmt.Sprintf("No news younger than %s for %s, that is %s %% of the length of the way.", age(maxAge, "d"), kilometres(m, "."), percent),
	}
}

// waited is a time in hours and minutes.
func waited(d time.Duration) string {
	minutes := int(math.Ceil(d.Minutes()))
	return fmt.Sprintf("%d h %02d", minutes/60, minutes%60)
}

var supposedText = geo.Text{
	French:  "Fermeture supposée par la question.",
	Haitian: "Kesyon an sipoze wout la fèmen la.",
	English: "Closure supposed by the question.",
}

func areaText(a *area, m float64) geo.Text {
	n := strconv.Itoa(a.number + 1)
	switch {
	case a.factor > 0:
		return geo.Text{
			French:  "Aire " + n + " de la demande, à éviter si possible, sur " + kilometres(m, ",") + ".",
			Haitian: "Zòn " + n + " demann lan ta renmen evite, sou " + kilometres(m, ",") + ".",
			English: "Area " + n + " of the request, avoided where possible, for " + kilometres(m, ".") + ".",
		}
	case a.holdsEnd:
		return geo.Text{
			French:  "Un point de la demande est dans l’aire " + n + " à éviter : " + kilometres(m, ",") + " pour en sortir ou y entrer.",
			Haitian: "Yon pwen nan demann lan anndan zòn " + n + " ki pou evite a: " + kilometres(m, ",") + " pou soti oswa antre.",
			English: "A point of the request lies in area " + n + " to avoid: " + kilometres(m, ".") + " to leave or enter it.",
		}
	}
	return geo.Text{
		French:  "Aire " + n + " à éviter selon la demande, sur " + kilometres(m, ",") + ".",
		Haitian: "Zòn " + n + " demann lan di pou evite, sou " + kilometres(m, ",") + ".",
		English: "Area " + n + " to avoid by the request, for " + kilometres(m, ".") + ".",
	}
}

var withheldText = geo.Text{
	French:  "Barrages et zones ne sont pas communiqués à ce public : aucun avis ne peut être donné.",
	Haitian: "Nou pa bay piblik sa a ni baraj ni zòn: nou pa ka bay okenn konsèy.",
	English: "Roadblocks and zones are withheld from this audience: no advice can be given.",
}

func inBrackets(t geo.Text) geo.Text {
	if t.French == "" {
		return geo.Text{}
	}
	return geo.Text{French: " (" + t.French + ")", Haitian: " (" + t.Haitian + ")", English: " (" + t.English + ")"}
}

// age is a time in hours, from two days on in days.
func age(d time.Duration, day string) string {
	if d < 48*time.Hour {
		return strconv.FormatFloat(math.Floor(d.Hours()), 'f', 0, 64) + " h"
	}
	return strconv.FormatFloat(math.Floor(d.Hours()/24), 'f', 0, 64) + " " + day
}

func kilometres(m float64, comma string) string {
	return strings.Replace(strconv.FormatFloat(m/1000, 'f', 1, 64), ".", comma, 1) + " km"
}

func capital(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}
