package geo

// commonProperties are the columns that every layer has. They are followed by
// the computed ones, which are written out but never stored.
func commonProperties() []Property {
	return []Property{
		{Name: "code", Type: String, MaxLength: 60, Title: Text{"Code", "Kòd", "Code"}},
		{Name: "name_fr", Type: String, MaxLength: 200, Title: Text{"Nom (français)", "Non (franse)", "Name (French)"}},
		{Name: "name_ht", Type: String, MaxLength: 200, Title: Text{"Nom (créole)", "Non (kreyòl)", "Name (Creole)"}},
		{Name: "name_en", Type: String, MaxLength: 200, Title: Text{"Nom (anglais)", "Non (angle)", "Name (English)"}},
		{Name: "valid_from", Type: DateTime, Computed: true, Title: Text{"Vrai depuis", "Vrè depi", "True from"}},
		{Name: "valid_to", Type: DateTime, Computed: true, Title: Text{"Vrai jusqu’à", "Vrè jiska", "True until"}},
		{Name: "time_precision", Type: Enum, Words: timePrecisions, Title: Text{"Précision de la date", "Presizyon dat la", "Precision of the date"}},
		{Name: "geo_precision", Type: Integer, Min: 1, Max: 5, Title: Text{"Précision du lieu (1 exact à 5 département)", "Presizyon kote a", "Precision of the place (1 exact to 5 department)"}},
		{Name: "precision_m", Type: Number, Unit: "m", Min: 0, Max: 200000, Title: Text{"Rayon d’incertitude", "Reyon ensètitid", "Radius of uncertainty"}},
		{Name: "last_confirmed_at", Type: DateTime, Title: Text{"Dernière confirmation", "Dènye konfimasyon", "Last confirmed"}},
		{Name: "stale_at", Type: DateTime, Computed: true, ReadOnly: true, Title: Text{"Périmé à partir de", "Pa fre ankò apati", "Stale from"}},
		{Name: "reliability", Type: Enum, Words: plain("A", "B", "C", "D", "E", "F"), Title: Text{"Fiabilité de la source", "Fyabilite sous la", "Reliability of the source"}},
		{Name: "credibility", Type: Integer, Min: 1, Max: 6, Title: Text{"Crédibilité de l’information", "Kredibilite enfòmasyon an", "Credibility of the item"}},
		{Name: "confidence", Type: Number, ReadOnly: true, Min: 0, Max: 1, Title: Text{"Confiance à la dernière confirmation", "Konfyans nan dènye konfimasyon an", "Confidence when last confirmed"}},
		{Name: "confidence_label", Type: Enum, Words: confidenceLabels, Computed: true, ReadOnly: true, Title: Text{"Niveau de confiance", "Nivo konfyans", "Confidence level"}},
		{Name: "half_life_h", Type: Number, Unit: "h", Computed: true, ReadOnly: true, Title: Text{"Demi-vie de la confiance", "Demi-vi konfyans la", "Half-life of the confidence"}},
		{Name: "sensitivity", Type: Enum, Words: classes, Required: true, Title: Text{"Sensibilité", "Sansiblite", "Sensitivity"}},
		{Name: "compartment", Type: Enum, Words: compartments, Required: true, Default: "hum", Title: Text{"Compartiment", "Konpatiman", "Compartment"}},
		{Name: "handling", Type: String, MaxLength: 500, Audiences: notPublic, Title: Text{"Consigne de l’émetteur", "Konsiy moun ki bay li a", "Originator’s handling note"}},
		{Name: "review_state", Type: Enum, Words: reviewStates, Required: true, Default: "approved", Title: Text{"Relecture", "Revizyon", "Review"}},
		{Name: "demonstration", Type: Boolean, Required: true, Default: false, Title: Text{"Démonstration", "Demonstrasyon", "Demonstration"}},
		{Name: "references", Type: TextList, MaxLength: 50, Title: Text{"Références", "Referans", "References"}},
		{Name: "source_ids", Type: IDList, MaxLength: 100, Audiences: humAndSec, Title: Text{"Sources", "Sous", "Sources"}},
		{Name: "observation_ids", Type: IDList, MaxLength: 500, Audiences: humAndSec, Title: Text{"Observations", "Obsèvasyon", "Observations"}},
		{Name: "author", Type: String, MaxLength: 100, ReadOnly: true, Audiences: humAndSec, Title: Text{"Auteur", "Otè", "Author"}},
		{Name: "reviewer", Type: String, MaxLength: 100, Audiences: humAndSec, Title: Text{"Relecteur", "Revizè", "Reviewer"}},
		{Name: "revision_reason", Type: String, MaxLength: 500, Audiences: humAndSec, Title: Text{"Raison du changement", "Rezon chanjman an", "Reason for the change"}},
		{Name: "language", Type: Enum, Words: languages, Title: Text{"Langue", "Lang", "Language"}},
		{Name: "revision", Type: Integer, Computed: true, ReadOnly: true, Title: Text{"Révision", "Revizyon", "Revision"}},
		{Name: "known_at", Type: DateTime, Computed: true, ReadOnly: true, Title: Text{"Connu depuis", "Konnen depi", "Known from"}},
	}
}

var communeProperty = Property{Name: "commune", Type: String, MaxLength: 10, Title: Text{"Commune (p-code)", "Komin (p-code)", "Commune (p-code)"}}

// facilityStatus are the status columns of every kind of facility; audiences
// says who may see the status as opposed to the place.
func facilityStatus(audiences AudienceSet) []Property {
	return []Property{
		{Name: "functional", Type: Enum, Words: functionalStates, Required: true, Default: "unknown", Audiences: audiences, Title: Text{"Fonctionnement", "Fonksyonman", "Functioning"}},
		{Name: "condition", Type: Enum, Words: conditions, Audiences: audiences, Title: Text{"État du bâtiment", "Eta bilding lan", "Condition"}},
		{Name: "status_reason", Type: Enum, Words: statusReasons, Audiences: audiences, Title: Text{"Raison", "Rezon", "Reason"}},
		{Name: "occupied_by", Type: String, MaxLength: 100, Audiences: audiences, Title: Text{"Occupé par", "Moun ki ladan l", "Occupied by"}},
		{Name: "staffed", Type: Enum, Words: yesNoUnknown, Audiences: audiences, Title: Text{"Personnel présent", "Gen pèsonèl", "Staffed"}},
		{Name: "relocated_to", Type: String, MaxLength: 200, Audiences: audiences, Title: Text{"Déplacé à", "Deplase nan", "Relocated to"}},
		{Name: "note", Type: String, MaxLength: 1000, Audiences: audiences, Title: Text{"Note", "Nòt", "Note"}},
	}
}

func facility(types []Word, status AudienceSet, more ...Property) []Property {
	out := []Property{
		{Name: "facility_type", Type: Enum, Words: types, Required: true, Title: Text{"Type", "Kalite", "Type"}},
		communeProperty,
	}
	out = append(out, facilityStatus(status)...)
	return append(out, more...)
}

// catalogue is every layer, from the ground up.
var catalogue = []*Layer{
	{
		Name: "admin-areas", Table: "admin_area", Geometry: MultiPolygon, Audiences: everybody, Floor: ClassLow,
		Title:   Text{"Départements et communes", "Depatman ak komin", "Departments and communes"},
		Summary: Text{"Limites administratives avec leur p-code.", "Limit administratif ak p-code yo.", "Administrative boundaries with their p-codes."},
		Properties: []Property{
			{Name: "pcode", Type: String, MaxLength: 10, Required: true, Title: Text{"P-code", "P-code", "P-code"}},
			{Name: "level", Type: Integer, Min: 0, Max: 3, Required: true, Title: Text{"Niveau (1 département, 2 commune, 3 section communale)", "Nivo (1 depatman, 2 komin, 3 seksyon kominal)", "Level (1 department, 2 commune, 3 communal section)"}},
			{Name: "parent_pcode", Type: String, MaxLength: 10, Title: Text{"P-code supérieur", "P-code ki anwo a", "Parent p-code"}},
			{Name: "area_km2", Type: Number, Unit: "km²", Min: 0, Max: 100000, Title: Text{"Superficie publiée", "Sipèfisi", "Published area"}},
			{Name: "population", Type: Integer, Min: 0, Max: 50000000, Title: Text{"Population", "Popilasyon", "Population"}},
			{Name: "population_note", Type: String, MaxLength: 300, Title: Text{"Source de la population", "Sous popilasyon an", "Source of the population"}},
		},
	},
	{
		Name: "controlled-zones", Table: "controlled_zone", Geometry: MultiPolygon, Audiences: notPublic, Floor: ClassModerate,
		Title:   Text{"Zones contrôlées", "Zòn anba kontwòl", "Controlled zones"},
		Summary: Text{"Qui tient ce terrain, d’après des observations évaluées.", "Kiyès ki kenbe tè sa a.", "Who holds this ground, by graded reports."},
		Properties: []Property{
			{Name: "control_type", Type: Enum, Words: ControlTypes, Required: true, Title: Text{"Contrôle", "Kontwòl", "Control"}},
			{Name: "holders", Type: JSON, Check: checkHolders, Default: emptyArray, Title: Text{"Groupes", "Gwoup", "Groups"}},
			{Name: "claim_level", Type: Enum, Words: claimLevels, Required: true, Default: "claimed", Title: Text{"Évalué ou allégué", "Evalye oswa yo di", "Assessed or claimed"}},
			{Name: "boundary_quality", Type: Enum, Words: boundaryQualities, Title: Text{"Qualité du contour", "Kalite kontou a", "Quality of the outline"}},
			{Name: "traits", Type: TextList, Values: governanceTraits, MaxLength: 5, Title: Text{"Traits de gouvernance", "Jan yo gouvène", "Governance traits"}},
			{Name: "evidence_note", Type: String, MaxLength: 2000, Title: Text{"Indices", "Prèv", "Evidence"}},
		},
	},
	{
		Name: "national-roads", Table: "national_road", Geometry: MultiLineString, Audiences: everybody, Floor: ClassLow,
		Title:   Text{"Routes nationales", "Wout nasyonal", "National roads"},
		Summary: Text{"RN1 à RN8 par section, avec l’état rapporté.", "RN1 rive RN8, pa moso.", "RN1 to RN8 by section, with their reported status."},
		Properties: []Property{
			{Name: "ref", Type: String, MaxLength: 10, Required: true, Title: Text{"Route", "Wout", "Road"}},
			{Name: "section", Type: Integer, Min: 0, Max: 1000, Title: Text{"Section", "Moso", "Section"}},
			{Name: "from_name", Type: String, MaxLength: 100, Title: Text{"De", "Depi", "From"}},
			{Name: "to_name", Type: String, MaxLength: 100, Title: Text{"À", "Rive", "To"}},
			{Name: "length_m", Type: Number, Unit: "m", Min: 0, Max: 1000000, ReadOnly: true, Title: Text{"Longueur", "Longè", "Length"}},
			{Name: "status", Type: Enum, Words: roadStatuses, Required: true, Default: "unknown", Audiences: notPublic, Title: Text{"État", "Eta", "Status"}},
			{Name: "cause", Type: Enum, Words: roadCauses, Audiences: notPublic, Title: Text{"Cause", "Kòz", "Cause"}},
			{Name: "max_class", Type: Enum, Words: VehicleClasses, Audiences: notPublic, Title: Text{"Plus grand véhicule", "Pi gwo machin", "Largest vehicle"}},
			{Name: "advice_note", Type: String, MaxLength: 500, Audiences: notPublic, Title: Text{"Consigne", "Konsèy", "Advice"}},
		},
	},
	{
		Name: "places", Table: "place", Geometry: Point, Audiences: everybody, Floor: ClassLow,
		Title:   Text{"Lieux", "Kote", "Places"},
		Summary: Text{"Localités et points de passage nommés.", "Lokalite ak kote moun pase.", "Localities and named points of passage."},
		Properties: []Property{
			{Name: "place_kind", Type: Enum, Words: placeKinds, Required: true, Title: Text{"Genre", "Jan", "Kind"}},
			communeProperty,
			{Name: "aliases", Type: TextList, MaxLength: 30, Title: Text{"Autres noms", "Lòt non", "Other names"}},
			{Name: "note", Type: String, MaxLength: 1000, Audiences: notPublic, Title: Text{"Note", "Nòt", "Note"}},
		},
	},
	{
		Name: "ports", Table: "port", Geometry: Point, Audiences: everybody, Floor: ClassLow,
		Title:   Text{"Ports et terminaux", "Pò ak tèminal", "Ports and terminals"},
		Summary: Text{"Ports de commerce et terminaux pétroliers.", "Pò komès ak tèminal gaz.", "Commercial ports and fuel terminals."},
		Properties: facility(portTypes, everybody,
			Property{Name: "operator", Type: String, MaxLength: 100, Title: Text{"Exploitant", "Moun k ap jere l", "Operator"}},
			Property{Name: "max_draught_m", Type: Number, Unit: "m", Min: 0, Max: 40, Title: Text{"Tirant d’eau", "Pwofondè", "Draught"}},
			Property{Name: "roro", Type: Enum, Words: yesNoUnknown, Title: Text{"Ro-ro", "Ro-ro", "Ro-ro"}},
			Property{Name: "fuel", Type: Enum, Words: yesNoUnknown, Title: Text{"Carburant", "Gaz", "Fuel"}},
		),
	},
	{
		Name: "airports", Table: "airport", Geometry: Point, Audiences: everybody, Floor: ClassLow,
		Title:   Text{"Aéroports", "Ewopò", "Airports"},
		Summary: Text{"Aéroports et pistes.", "Ewopò ak pis.", "Airports and airstrips."},
		Properties: facility(airportTypes, everybody,
			Property{Name: "icao", Type: String, MaxLength: 4, Title: Text{"Code OACI", "Kòd OACI", "ICAO code"}},
			Property{Name: "commercial_flights", Type: Enum, Words: commercialFlights, Title: Text{"Vols commerciaux", "Vòl komèsyal", "Commercial flights"}},
			Property{Name: "runway_length_m", Type: Number, Unit: "m", Min: 0, Max: 6000, Title: Text{"Piste", "Pis", "Runway"}},
		),
	},
	{
		Name: "facilities", Table: "facility", Geometry: Point, Audiences: everybody, Floor: ClassLow,
		Title:   Text{"Autres installations", "Lòt enstalasyon", "Other facilities"},
		Summary: Text{"Hôpitaux, prisons, tribunaux, écoles, passages frontaliers…", "Lopital, prizon, tribinal, lekòl, fwontyè…", "Hospitals, prisons, courts, schools, border crossings…"},
		Properties: facility(facilityTypes, notPublic,
			Property{Name: "attributes", Type: JSON, Check: checkObject, Default: emptyObject, Audiences: notPublic, Title: Text{"Attributs", "Karakteristik", "Attributes"}},
		),
	},
	{
		Name: "police-facilities", Table: "police_facility", Geometry: Point, Audiences: notPublic, Floor: ClassModerate,
		Title:      Text{"Installations de police", "Enstalasyon lapolis", "Police facilities"},
		Summary:    Text{"Commissariats et sous-commissariats avec leur état daté.", "Komisarya ak sou-komisarya.", "Police stations with their dated status."},
		Properties: facility(policeFacilityTypes, secAndOps),
	},
	{
		Name: "incidents", Table: "incident", Geometry: Point, Audiences: notPublic, Floor: ClassHigh,
		Title:   Text{"Incidents", "Ensidan", "Incidents"},
		Summary: Text{"Faits datés, codés comme ACLED avec des types locaux.", "Evènman ki gen dat.", "Dated events, coded like ACLED with local types."},
		Properties: []Property{
			{Name: "event_type", Type: Enum, Words: incidentTypes, Required: true, Title: Text{"Type", "Kalite", "Type"}},
			{Name: "protection_class", Type: Enum, Words: protectionClasses, Required: true, Default: "none", Title: Text{"Protection", "Pwoteksyon", "Protection class"}},
			{Name: "occurred_at", Type: DateTime, Title: Text{"Survenu le", "Rive", "Occurred"}},
			communeProperty,
			{Name: "group_id", Type: String, MaxLength: 60, Title: Text{"Groupe", "Gwoup", "Group"}},
			{Name: "perpetrator_type", Type: Enum, Words: actorTypes, Title: Text{"Auteur", "Moun ki fè l", "Perpetrator"}},
			{Name: "targets", Type: TextList, Values: incidentTargets, MaxLength: 8, Title: Text{"Cibles", "Sib", "Targets"}},
			{Name: "fatalities_min", Type: Integer, Min: 0, Max: 100000, Title: Text{"Morts (minimum)", "Mò (minimòm)", "Fatalities (least)"}},
			{Name: "fatalities_max", Type: Integer, Min: 0, Max: 100000, Title: Text{"Morts (maximum)", "Mò (maksimòm)", "Fatalities (most)"}},
			{Name: "access_constraint", Type: Integer, Min: 1, Max: 9, Title: Text{"Contrainte d’accès (AMRF)", "Kontrent aksè (AMRF)", "Access constraint (AMRF)"}},
			{Name: "summary", Type: String, MaxLength: 1000, Title: Text{"Résumé", "Rezime", "Summary"}},
		},
	},
	{
		Name: "roadblocks", Table: "roadblock", Geometry: PointOrLine, Audiences: notPublic, Floor: ClassHigh,
		Title:   Text{"Barrages et obstacles", "Baraj ak obstak", "Roadblocks"},
		Summary: Text{"Ce qui arrête ou ralentit un véhicule, et à quelles conditions on passe.", "Sa ki bare wout la, ak nan ki kondisyon moun pase.", "What stops or slows a vehicle, and on what terms one passes."},
		Properties: []Property{
			{Name: "subtype", Type: Enum, Words: roadblockSubtypes, Required: true, Title: Text{"Genre", "Kalite", "Kind"}},
			{Name: "wfp_obstype", Type: Enum, Words: wfpObstacleTypes, Title: Text{"Type SDI-T (PAM)", "Kalite SDI-T (PAM)", "SDI-T type (WFP)"}},
			{Name: "state", Type: Enum, Words: roadblockStates, Required: true, Default: "reported", Title: Text{"Situation", "Sitiyasyon", "State"}},
			{Name: "actor_type", Type: Enum, Words: actorTypes, Required: true, Default: "unknown", Title: Text{"Tenu par", "Moun ki kenbe l", "Held by"}},
			{Name: "group_id", Type: String, MaxLength: 60, Title: Text{"Groupe", "Gwoup", "Group"}},
			{Name: "road_ref", Type: String, MaxLength: 10, Title: Text{"Route", "Wout", "Road"}},
			communeProperty,
			{Name: "passability", Type: JSON, Check: checkPassability, Default: emptyObject, Title: Text{"Passage par véhicule", "Pasaj pou chak machin", "Passability by vehicle"}},
			{Name: "emergency_passable", Type: Enum, Words: yesNoUnknown, Title: Text{"Secours", "Sekou", "Emergency vehicles"}},
			{Name: "pass_mode", Type: Enum, Words: passModes, Title: Text{"Mode de passage", "Jan moun pase", "Way to pass"}},
			{Name: "toll", Type: JSON, Check: checkTolls, Default: emptyArray, Title: Text{"Péage", "Peyaj", "Toll"}},
			{Name: "clear_time", Type: Enum, Words: clearTimes, Title: Text{"Temps de levée", "Tan pou leve l", "Time to clear"}},
			{Name: "schedule", Type: String, MaxLength: 200, Title: Text{"Horaire (opening_hours)", "Orè (opening_hours)", "Schedule (opening_hours)"}},
			{Name: "direction", Type: Enum, Words: directions, Title: Text{"Sens", "Direksyon", "Direction"}},
			{Name: "max_load_t", Type: Number, Unit: "t", Min: 0, Max: 200, Title: Text{"Charge maximale", "Chay maksimòm", "Largest load"}},
			{Name: "est_crossing_min", Type: Number, Unit: "min", Min: 0, Max: 10000, Title: Text{"Temps de passage", "Tan pou pase", "Crossing time"}},
			{Name: "has_bypass", Type: Enum, Words: yesNoUnknown, Title: Text{"Contournement", "Chemen detounen", "Bypass"}},
			{Name: "note", Type: String, MaxLength: 1000, Title: Text{"Note", "Nòt", "Note"}},
		},
	},
	{
		Name: "armed-groups", Table: "armed_group", Kind: Reference, Geometry: NoGeometry, Audiences: everybody, Floor: ClassLow,
		Title: Text{"Groupes armés", "Gwoup ame", "Armed groups"},
		Properties: []Property{
			{Name: "group_id", Type: String, MaxLength: 60, Required: true, Title: Text{"Identifiant", "Idantifyan", "Identifier"}},
			{Name: "aliases", Type: TextList, MaxLength: 30, Title: Text{"Autres noms", "Lòt non", "Other names"}},
			{Name: "group_type", Type: Enum, Words: groupTypes, Required: true, Default: "unknown", Title: Text{"Type", "Kalite", "Type"}},
			{Name: "reported_area", Type: String, MaxLength: 500, Audiences: notPublic, Title: Text{"Zone rapportée", "Zòn yo rapòte", "Reported area"}},
			{Name: "un_listing_ref", Type: String, MaxLength: 60, Title: Text{"Référence de la liste de l’ONU", "Referans lis ONU", "UN listing reference"}},
			{Name: "colour", Type: String, MaxLength: 7, Title: Text{"Couleur", "Koulè", "Colour"}},
		},
	},
	{
		Name: "group-memberships", Table: "group_membership", Kind: Reference, Geometry: NoGeometry, Audiences: everybody, Floor: ClassLow,
		Title: Text{"Appartenances", "Ki gwoup nan ki kowalisyon", "Group memberships"},
		Properties: []Property{
			{Name: "group_id", Type: String, MaxLength: 60, Required: true, Title: Text{"Groupe", "Gwoup", "Group"}},
			{Name: "coalition_id", Type: String, MaxLength: 60, Required: true, Title: Text{"Coalition", "Kowalisyon", "Coalition"}},
		},
	},
	{
		Name: "sources", Table: "source", Kind: RecordOnly, Geometry: NoGeometry, Audiences: nobodyReal, Floor: ClassLow,
		Title: Text{"Sources", "Sous", "Sources"},
		Properties: []Property{
			{Name: "source_kind", Type: Enum, Words: sourceKinds, Required: true, Title: Text{"Genre", "Jan", "Kind"}},
			{Name: "reliability_default", Type: Enum, Words: plain("A", "B", "C", "D", "E", "F"), Title: Text{"Fiabilité habituelle", "Fyabilite nòmal", "Usual reliability"}},
			{Name: "citation", Type: String, MaxLength: 1000, Title: Text{"Référence", "Referans", "Citation"}},
			{Name: "consent", Type: Enum, Words: yesNoUnknown, Title: Text{"Consentement", "Konsantman", "Consent"}},
			{Name: "retention_until", Type: DateTime, Title: Text{"À conserver jusqu’au", "Kenbe jiska", "Keep until"}},
		},
	},
	{
		Name: "observations", Table: "observation", Kind: RecordOnly, Geometry: AnyGeometry, Audiences: nobodyReal, Floor: ClassLow,
		Title: Text{"Observations", "Obsèvasyon", "Observations"},
		Properties: []Property{
			{Name: "text", Type: String, MaxLength: 10000, Title: Text{"Texte", "Tèks", "Text"}},
			{Name: "source_id", Type: String, MaxLength: 36, Title: Text{"Source", "Sous", "Source"}},
			{Name: "channel", Type: Enum, Words: channels, Required: true, Title: Text{"Canal", "Kanal", "Channel"}},
			{Name: "observed_at", Type: DateTime, Title: Text{"Observé le", "Obsève", "Observed"}},
			{Name: "received_at", Type: DateTime, Title: Text{"Reçu le", "Resevwa", "Received"}},
			{Name: "claims", Type: JSON, Check: checkClaims, Default: emptyArray, Title: Text{"Affirmations", "Sa yo di", "Claims"}},
			{Name: "triage_state", Type: Enum, Words: triageStates, Required: true, Default: "new", Title: Text{"Tri", "Triyaj", "Triage"}},
			communeProperty,
			{Name: "road_ref", Type: String, MaxLength: 10, Title: Text{"Route", "Wout", "Road"}},
		},
	},
}
