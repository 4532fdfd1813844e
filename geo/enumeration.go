package geo

import "slices"

// Enumerations of the domain. Where a humanitarian standard has words of its
// own they are kept verbatim and the source is named.

func words(rows ...[4]string) []Word {
	out := make([]Word, len(rows))
	for i, r := range rows {
		out[i] = Word{r[0], Text{r[1], r[2], r[3]}}
	}
	return out
}

// plain gives words whose labels are the values themselves, for codes that
// are not translated.
func plain(values ...string) []Word {
	out := make([]Word, len(values))
	for i, v := range values {
		out[i] = Word{v, Text{v, v, v}}
	}
	return out
}

// ControlTypes are the eight answers to "who holds this ground?". The coding
// rules are Pasaj's own; docs/method.md gives them in full.
var ControlTypes = words(
	[4]string{"controlled", "sous contrôle", "anba kontwòl", "controlled"},
	[4]string{"influenced", "sous influence", "anba enfliyans", "influenced"},
	[4]string{"contested", "contesté", "an konfli", "contested"},
	[4]string{"recovered", "récupéré", "repran", "recovered"},
	[4]string{"state_held", "sous autorité de l’État", "anba otorite Leta", "state-held"},
	[4]string{"self_defence", "brigade d’autodéfense", "brigad vijilans", "self-defence"},
	[4]string{"depopulated", "dépeuplé", "vid", "depopulated"},
	[4]string{"unknown", "inconnu", "pa konnen", "unknown"},
)

// ControlPrecedence orders control types where zones overlap: the first one
// present names the ground. Unknown comes before state-held because it wins
// over any reassuring answer.
var ControlPrecedence = []string{
	"controlled", "contested", "influenced", "recovered", "self_defence", "depopulated", "unknown", "state_held",
}

var timePrecisions = plain("exact", "day", "week", "month", "unknown")

var reviewStates = words(
	[4]string{"draft", "brouillon", "bouyon", "draft"},
	[4]string{"in_review", "en relecture", "nan revizyon", "in review"},
	[4]string{"approved", "approuvé", "apwouve", "approved"},
	[4]string{"rejected", "rejeté", "rejte", "rejected"},
	[4]string{"withdrawn", "retiré", "retire", "withdrawn"},
)

var classes = words(
	[4]string{"low", "faible", "fèb", "low"},
	[4]string{"moderate", "modérée", "modere", "moderate"},
	[4]string{"high", "élevée", "wo", "high"},
	[4]string{"severe", "sévère", "grav", "severe"},
)

var compartments = words(
	[4]string{"public", "public", "piblik", "public"},
	[4]string{"hum", "humanitaire", "imanitè", "humanitarian"},
	[4]string{"sec", "sécurité", "sekirite", "security"},
	[4]string{"ops", "opérations", "operasyon", "operations"},
)

var confidenceLabels = words(
	[4]string{"high", "élevée", "wo", "high"},
	[4]string{"medium", "moyenne", "mwayen", "medium"},
	[4]string{"low", "faible", "ba", "low"},
)

var claimLevels = words(
	[4]string{"assessed", "évalué", "evalye", "assessed"},
	[4]string{"claimed", "allégué", "yo di", "claimed"},
)

var boundaryQualities = words(
	[4]string{"surveyed", "relevé", "mezire", "surveyed"},
	[4]string{"street_traced", "tracé sur les rues", "trase sou lari", "street-traced"},
	[4]string{"neighbourhood_outline", "contour de quartier", "kontou katye", "neighbourhood outline"},
	[4]string{"admin_unit", "unité administrative", "inite administratif", "administrative unit"},
	[4]string{"buffer", "rayon autour d’un point", "won alantou yon pwen", "buffer"},
)

// Traits of governance by a group over an area.
var governanceTraits = []string{"taxes", "adjudicates", "permits_movement", "provides_services", "restricts_aid"}

// GovernanceTraits lists the traits of governance by a group over an area.
func GovernanceTraits() []string { return slices.Clone(governanceTraits) }

// HolderRoles say how a group holds a zone.
var holderRoles = []string{"principal", "ally", "tolerated", "claimed"}

var roadblockSubtypes = words(
	[4]string{"toll_post", "poste de péage", "pòs peyaj", "toll post"},
	[4]string{"barricade_manned", "barricade tenue", "barikad ak moun", "manned barricade"},
	[4]string{"barricade_unmanned", "barricade sans garde", "barikad san moun", "unmanned barricade"},
	[4]string{"burning_barricade", "barricade en feu", "barikad k ap boule", "burning barricade"},
	[4]string{"fixed_barrier", "barrière fixe", "baryè fiks", "fixed barrier"},
	[4]string{"trench_ditch", "tranchée", "tranche", "trench or ditch"},
	[4]string{"community_gate", "barrière de quartier", "baryè katye", "community gate"},
	[4]string{"police_checkpoint", "point de contrôle de police", "pòs kontwòl lapolis", "police checkpoint"},
	[4]string{"police_closure", "fermeture par la police", "lapolis fèmen", "police closure"},
	[4]string{"protest_block", "blocage de manifestation", "blokaj manifestasyon", "protest block"},
	[4]string{"debris_waste", "débris ou ordures", "debri oswa fatra", "debris or waste"},
	[4]string{"flood", "inondation", "inondasyon", "flood"},
	[4]string{"landslide", "glissement de terrain", "glisman tè", "landslide"},
	[4]string{"bridge_out", "pont coupé", "pon kase", "bridge out"},
	[4]string{"road_damage", "route dégradée", "wout kraze", "road damage"},
	[4]string{"ambush_stretch", "tronçon d’embuscades", "moso anbiskad", "ambush stretch"},
	[4]string{"mine_uxo", "mine ou engin non explosé", "min oswa eksplozif", "mine or unexploded ordnance"},
	[4]string{"other", "autre", "lòt", "other"},
)

// wfpObstacleTypes are the obstype values of WFP's SDI-T obstacle schema
// (HDX, "Global obstacles"), verbatim.
var wfpObstacleTypes = plain("Unknown", "Flood", "Mines/UXO", "Roadblock", "Road damage", "Railway damage",
	"Bridge damage", "Culvert damage", "Ferry", "Checkpoint Official", "Checkpoint Unofficial",
	"Traffic restriction", "Landslide", "Wreckage", "Ford", "Trees")

var roadblockStates = words(
	[4]string{"reported", "signalé", "rapòte", "reported"},
	[4]string{"active", "actif", "aktif", "active"},
	[4]string{"intermittent", "intermittent", "pa tout tan", "intermittent"},
	[4]string{"cleared", "levé", "leve", "cleared"},
	[4]string{"archived", "archivé", "achive", "archived"},
	[4]string{"disputed", "contredit", "gen dout", "disputed"},
	[4]string{"false", "faux", "pa vre", "false"},
)

var actorTypes = words(
	[4]string{"gang", "gang", "gang", "gang"},
	[4]string{"self_defence", "brigade d’autodéfense", "brigad vijilans", "self-defence brigade"},
	[4]string{"police", "police", "lapolis", "police"},
	[4]string{"army", "armée", "lame", "army"},
	[4]string{"gsf_mss", "force multinationale", "fòs miltinasyonal", "multinational force"},
	[4]string{"protesters", "manifestants", "manifestan", "protesters"},
	[4]string{"community", "communauté", "kominote", "community"},
	[4]string{"local_authority", "autorité locale", "otorite lokal", "local authority"},
	[4]string{"none", "personne", "pèsonn", "nobody"},
	[4]string{"unknown", "inconnu", "pa konnen", "unknown"},
)

// VehicleClasses, from the smallest; the order is the order of size except
// that an armoured vehicle stands last.
var VehicleClasses = words(
	[4]string{"foot", "à pied", "a pye", "on foot"},
	[4]string{"moto", "moto", "moto", "motorcycle"},
	[4]string{"car", "voiture", "machin", "car"},
	[4]string{"suv4x4", "4×4", "4×4", "4×4"},
	[4]string{"ambulance", "ambulance", "anbilans", "ambulance"},
	[4]string{"minibus", "minibus", "minibis", "minibus"},
	[4]string{"truck_3_5t", "camion 3,5 t", "kamyon 3,5 t", "3.5 t truck"},
	[4]string{"truck_10t", "camion 10 t", "kamyon 10 t", "10 t truck"},
	[4]string{"truck_20t", "camion 20 t", "kamyon 20 t", "20 t truck"},
	[4]string{"truck_over20t", "camion > 20 t", "kamyon > 20 t", "over 20 t truck"},
	[4]string{"armoured", "véhicule blindé", "machin blende", "armoured vehicle"},
)

// Profiles are who asks to pass, and under which rules.
var Profiles = words(
	[4]string{"ambulance", "ambulance", "anbilans", "ambulance"},
	[4]string{"humanitarian_cargo", "fret humanitaire", "chajman imanitè", "humanitarian cargo"},
	[4]string{"light_mission", "mission légère", "misyon lejè", "light mission"},
	[4]string{"commercial", "commercial", "komèsyal", "commercial"},
	[4]string{"police_isolated_check", "desserte de poste de police isolé", "rive nan pòs polis izole", "isolated police post check"},
)

// Passabilities answer "may this class pass here?".
var Passabilities = words(
	[4]string{"yes", "oui", "wi", "yes"},
	[4]string{"pay", "en payant", "si w peye", "on payment"},
	[4]string{"ask", "sur demande", "si w mande", "on request"},
	[4]string{"escort", "sous escorte", "ak eskòt", "with escort"},
	[4]string{"no", "non", "non", "no"},
	[4]string{"unknown", "inconnu", "pa konnen", "unknown"},
)

// Advices are the five answers of a passage, from the least to the most
// guarded. None of them says that a way is without danger.
var Advices = words(
	[4]string{"no_reported_obstacle", "aucun obstacle signalé", "pa gen obstak rapòte", "no reported obstacle"},
	[4]string{"passable_with_conditions", "praticable sous conditions", "pasab ak kondisyon", "passable with conditions"},
	[4]string{"negotiation_needed", "négociation nécessaire", "fòk gen negosyasyon", "negotiation needed"},
	[4]string{"not_passable", "non praticable", "pa pasab", "not passable"},
	[4]string{"insufficient_information", "information insuffisante", "pa gen ase enfòmasyon", "insufficient information"},
)

var passModes = plain("free", "ask_permission", "pay", "pass_card", "negotiated_humanitarian", "escort", "impossible", "unknown")
var clearTimes = plain("<2h", "2-12h", "12-48h", "2-7d", ">7d", "unknown")
var directions = plain("both", "inbound", "outbound")
var yesNoUnknown = plain("yes", "no", "unknown")

var functionalStates = words(
	[4]string{"full", "fonctionnel", "fonksyone", "functional"},
	[4]string{"partial", "partiel", "an pati", "partial"},
	[4]string{"none", "non fonctionnel", "pa fonksyone", "not functional"},
	[4]string{"unknown", "inconnu", "pa konnen", "unknown"},
)
var conditions = words(
	[4]string{"intact", "intact", "antye", "intact"},
	[4]string{"damaged", "endommagé", "domaje", "damaged"},
	[4]string{"destroyed", "détruit", "kraze", "destroyed"},
	[4]string{"unknown", "inconnu", "pa konnen", "unknown"},
)
var statusReasons = plain("in_controlled_area", "burned", "demolished", "abandoned", "flooded", "security", "reoccupied", "other", "unknown")

var policeFacilityTypes = plain("police_departmental_directorate", "police_commissariat", "police_sous_commissariat",
	"police_antenne", "police_specialised_unit", "police_academy", "police_other")

var facilityTypes = plain("prison", "court_tpi", "court_appeal", "court_peace", "hospital", "health_centre", "school",
	"fuel_terminal", "airstrip", "helipad", "border_crossing", "customs_post", "coastguard_base", "fob", "power_plant",
	"substation", "telecom_fibre", "factory", "warehouse", "market", "idp_site", "polling_place", "bridge", "government", "other")

var roadStatuses = words(
	[4]string{"open", "ouverte", "louvri", "open"},
	[4]string{"restricted", "restreinte", "gen restriksyon", "restricted"},
	[4]string{"closed", "fermée", "fèmen", "closed"},
	[4]string{"unknown", "inconnue", "pa konnen", "unknown"},
)
var roadCauses = plain("insecurity", "toll", "physical", "weather", "administrative", "community", "fuel", "unknown")

var portTypes = plain("port", "fuel_terminal", "wharf")
var airportTypes = plain("airport", "airstrip")
var commercialFlights = plain("operating", "humanitarian_only", "suspended", "unknown")

// incidentTypes joins ACLED's sub-events for territory with local types.
var incidentTypes = plain("non_state_actor_overtakes_territory", "government_regains_territory",
	"non_violent_transfer_of_territory", "base_established", "looting_property_destruction", "kidnap_collective",
	"truck_hijack", "toll_extortion", "attack_police_facility", "attack_health", "attack_school", "attack_court_prison",
	"prison_break", "massacre", "arson", "maritime_attack", "aircraft_fired_upon", "drone_strike", "sniper", "ambush",
	"clash", "demonstration", "displacement_event", "aid_looting", "seizure", "other")
var protectionClasses = plain("none", "GBV", "child")
var incidentTargets = []string{"civilian", "police", "gsf", "humanitarian", "medical", "diplomatic", "transport", "infrastructure"}

var placeKinds = plain("chokepoint", "locality", "town", "neighbourhood", "junction", "bridge", "other")
var groupTypes = plain("gang", "gang_coalition", "self_defence_brigade", "state_security_auxiliary", "political_armed", "unknown")
var sourceKinds = plain("field_staff", "partner_ngo", "un_agency", "security_force", "transport_union", "community_contact",
	"media", "social_media", "sensor_imagery", "official_statement", "crowd", "other")
var channels = plain("web", "kobo", "sms", "whatsapp_export", "email", "api", "compilation")
var triageStates = plain("new", "triaged", "linked", "duplicate", "rejected", "escalated")
var languages = plain("fr", "ht", "en", "es")
