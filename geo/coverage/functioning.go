package coverage

import (
	"context"
	"slices"

	"pasaj/geo"
)

var facilityIndicators = []*Indicator{
	{
		Code: "F1", Version: 1, Unit: UnitCount, Layers: []string{"controlled-zones", "admin-areas", "facilities"}, measure: measureExposedFacilities,
		Title: geo.Text{French: "Installations par type et par contrôle du terrain", Haitian: "Enstalasyon pa kalite ak pa kontwòl tè a", English: "Facilities by type and by control of the ground"},
	},
	{
		Code: "H1", Version: 1, Unit: UnitCount, Layers: []string{"facilities", "admin-areas"}, measure: measureHealth,
		Title: geo.Text{French: "Établissements de santé par fonctionnement", Haitian: "Sant sante pa fonksyonman", English: "Health facilities by functioning"},
	},
	{
		Code: "H2", Version: 1, Unit: UnitPeople, Layers: []string{"facilities", "admin-areas"}, measure: measureAmbulanceReach,
		Title: geo.Text{French: "Population à 30 minutes d’un hôpital ouvert, en ambulance", Haitian: "Moun ki a 30 minit yon lopital ki louvri, nan anbilans", English: "People within 30 minutes of an open hospital, by ambulance"},
	},
	{
		Code: "S1", Version: 1, Unit: UnitCount, Layers: []string{"facilities", "admin-areas"}, measure: measureSchools,
		Title: geo.Text{French: "Écoles fermées", Haitian: "Lekòl ki fèmen", English: "Schools closed"},
	},
	{
		Code: "J1", Version: 1, Unit: UnitCount, Layers: []string{"facilities", "admin-areas"}, measure: measurePrisons,
		Title: geo.Text{French: "Prisons hors service", Haitian: "Prizon ki pa mache", English: "Prisons out of service"},
	},
	{
		Code: "J2", Version: 1, Unit: UnitCount, Layers: []string{"facilities", "admin-areas"}, measure: measureCourts,
		Title: geo.Text{French: "Tribunaux qui ne siègent pas", Haitian: "Tribinal ki p ap fonksyone", English: "Courts not operating"},
	},
	{
		Code: "E1", Version: 1, Unit: UnitCount, Layers: []string{"facilities", "controlled-zones", "admin-areas"}, measure: measurePollingPlaces,
		Title: geo.Text{French: "Centres de vote en terrain contrôlé ou contesté", Haitian: "Sant vòt sou tè ki anba kontwòl oswa an konfli", English: "Polling places on controlled or contested ground"},
	},
}

// workings are the answers to "does it work?".
var workings = []string{"full", "partial", "none", "unknown"}

// functioning is how many facilities work, and which.
type functioning struct {
	rows    [4]byDegree // in the order of workings
	counted [4]counted
}

// functioningOf counts facilities by whether they work.
//
//	full, partial  low by news of high confidence, central of at least medium,
//	               high by any that says so, stale news too
//	none           low and central alike; high is what says none, and what is
//	               unknown or only said by stale news: it may be out
//	unknown        what is left: low where nothing at all is said, central where
//	               nothing of medium confidence is, high where nothing of high is
//
// The central figures of the four add up to the number of facilities.
func functioningOf(list []*facility) *functioning {
	const none, unknown = 2, 3
	f := &functioning{}
	count := func(row int, from degree, one *facility) {
		if from < degrees {
			f.rows[row].add(from, 1)
			f.counted[row].add(one.v.ID, one.worth.Confidence, 1)
		}
	}
	for _, one := range list {
		said := slices.Index(workings, one.working)
		if said < 0 || said == unknown {
			count(unknown, low, one)
			count(none, high, one)
			continue
		}
		count(said, one.degree, one)
		// News of degree d leaves in doubt what is counted to degrees before d.
		count(unknown, degrees-one.degree, one)
		if said != none && one.worth.Stale {
			count(none, high, one)
		}
	}
	return f
}

// workingValues are the rows by whether facilities work, those out of use
// first and without a row's name.
func (s *scene) workingValues(i *Indicator, t *target, list []*facility, what geo.Text, of ...string) []Value {
	f, whole := functioningOf(list), s.onRecord(t, what, len(list))
	out := []Value{s.facilityFigure(i, t, f.rows[2], &f.counted[2], whole, of...)}
	for row, status := range workings {
		out = append(out, s.facilityFigure(i, t, f.rows[row], &f.counted[row], whole, append(slices.Clone(of), "status", status)...))
	}
	return out
}

// asRecorded says that the register need not be complete.
var asRecorded = geo.Text{
	French:  "Parmi les installations au registre, qui n’est pas la liste nationale. Un état périmé compte comme inconnu.",
	Haitian: "Nan enstalasyon ki nan rejis la, ki pa lis nasyonal la. Yon eta ki pa fre ankò konte kòm enkoni.",
	English: "Of the facilities on record, which is not the national list. A status that is stale counts as unknown.",
}

// measureWorking is the measure of facilities of some types that do not work:
// n(functional = none) of n on record. Types of more than one have rows of
// their own.
func (s *scene) measureWorking(i *Indicator, what geo.Text, kinds ...string) []Value {
	var out []Value
	for _, t := range s.targets {
		if !s.seesProperty("facilities", "functional") {
			out = append(out, s.withheldValue(i, t))
			continue
		}
		list := ofKind(s.facilitiesIn(t, "facilities"), kinds...)
		if len(list) == 0 {
			out = append(out, s.notMeasured(i, t, noneOnRecord(what)))
			continue
		}
		values := s.workingValues(i, t, list, what)
		if len(kinds) > 1 {
			for _, kind := range kinds {
				if one := ofKind(list, kind); len(one) > 0 {
					values = append(values, s.workingValues(i, t, one, kindLabel("facilities", kind), "facility_type", kind)...)
				}
			}
		}
		for k := range values {
			values[k].Note = &asRecorded
		}
		out = append(out, values...)
	}
	return out
}

// measureHealth is H1: hospitals and health centres on record by whether they
// work fully, in part, not at all, or nobody knows.
func measureHealth(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	what := geo.Text{French: "établissements de santé", Haitian: "sant sante", English: "health facilities"}
	return s.measureWorking(i, what, "hospital", "health_centre"), nil
}

// measureSchools is S1: schools on record that do not work.
func measureSchools(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.measureWorking(i, geo.Text{French: "écoles", Haitian: "lekòl", English: "schools"}, "school"), nil
}

// measurePrisons is J1: prisons on record that do not work.
func measurePrisons(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.measureWorking(i, geo.Text{French: "prisons", Haitian: "prizon", English: "prisons"}, "prison"), nil
}

// measureCourts is J2: courts of first instance, of appeal and of the peace on
// record that do not work.
func measureCourts(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	what := geo.Text{French: "tribunaux", Haitian: "tribinal", English: "courts"}
	return s.measureWorking(i, what, "court_tpi", "court_appeal", "court_peace"), nil
}
