package isolation

import "sync"

// Capital gives the gates of Port-au-Prince that are used unless others are
// given. Weights are Pasaj's own estimate of each gate's share of what comes
// in, and places are those of the bundled list of places, most of them placed
// from general knowledge to within one or two kilometres.
func Capital() *Gates {
	g := *capital()
	return &g
}

var capital = sync.OnceValue(func() *Gates {
	g, err := ParseGates([]byte(capitalJSON))
	if err != nil {
		return &Gates{} // cannot happen: a test reads it
	}
	return g
})

// CapitalJSON is the list of Capital in its JSON form, to start an own one from.
func CapitalJSON() []byte { return []byte(capitalJSON) }

const capitalJSON = `{
  "version": "capital-1",
  "city": "Port-au-Prince",
  "openness": {"open": 1, "restricted": 0.5, "pay_or_ask": 0.3333333333333333, "closed": 0},
  "siege": {"vehicle": "suv4x4", "facilities": ["port-apn", "airport-mtpp"]},
  "gates": [
    {
      "id": "rn1-north",
      "name": {"fr": "RN1, nord", "ht": "RN1, nò", "en": "RN1, north"},
      "weight": 0.22,
      "refs": ["RN1"],
      "width_m": 5000,
      "places": [
        {"name": "Croix-des-Missions", "at": [-72.287, 18.5975]},
        {"name": "Canaan", "at": [-72.272, 18.648]},
        {"name": "Titanyen", "at": [-72.345, 18.7]},
        {"name": "Cabaret", "at": [-72.41929, 18.73582]}
      ],
      "source": "National road list; Cabaret: GeoNames; others: general knowledge, no source confirms the position"
    },
    {
      "id": "rn3-northeast",
      "name": {"fr": "RN3, nord-est", "ht": "RN3, nòdès", "en": "RN3, north-east"},
      "weight": 0.13,
      "refs": ["RN3"],
      "width_m": 6000,
      "places": [
        {"name": "Croix-des-Bouquets", "at": [-72.22625, 18.57677]},
        {"name": "Morne à Cabrit", "at": [-72.135, 18.665]},
        {"name": "Mirebalais", "at": [-72.1048, 18.83455]}
      ],
      "source": "National road list; Croix-des-Bouquets and Mirebalais: GeoNames; Morne à Cabrit: general knowledge, no source confirms the position"
    },
    {
      "id": "rn8-east",
      "name": {"fr": "RN8, est", "ht": "RN8, lès", "en": "RN8, east"},
      "weight": 0.13,
      "refs": ["RN8"],
      "width_m": 5000,
      "places": [
        {"name": "Croix-des-Bouquets", "at": [-72.22625, 18.57677]},
        {"name": "Ganthier", "at": [-72.068, 18.531]},
        {"name": "Fond Parisien", "at": [-71.98122, 18.50547]}
      ],
      "source": "National road list; Croix-des-Bouquets and Fond Parisien: GeoNames; Ganthier: general knowledge, no source confirms the position"
    },
    {
      "id": "rn2-south",
      "name": {"fr": "RN2, sud", "ht": "RN2, sid", "en": "RN2, south"},
      "weight": 0.22,
      "refs": ["RN2"],
      "width_m": 5000,
      "places": [
        {"name": "Martissant", "at": [-72.362, 18.529]},
        {"name": "Carrefour", "at": [-72.39922, 18.54114]},
        {"name": "Mariani", "at": [-72.452, 18.533]},
        {"name": "Gressier", "at": [-72.52679, 18.54091]},
        {"name": "Léogâne", "at": [-72.63343, 18.5111]}
      ],
      "source": "National road list; Carrefour, Gressier and Léogâne: GeoNames; others: general knowledge, no source confirms the position"
    },
    {
      "id": "mountain",
      "name": {"fr": "Route de montagne, sud et sud-est", "ht": "Wout mòn, sid ak sidès", "en": "Mountain road, south and south-east"},
      "weight": 0.05,
      "width_m": 2500,
      "closed_to": ["truck_3_5t", "truck_10t", "truck_20t", "truck_over20t"],
      "places": [
        {"name": "Laboule 12", "at": [-72.303, 18.493]},
        {"name": "Kenscoff", "at": [-72.28398, 18.44773]}
      ],
      "source": "Kenscoff: GeoNames; Laboule 12: general knowledge, no source confirms the position; no trucks: Pasaj's coding rule"
    },
    {
      "id": "sea",
      "name": {"fr": "Mer", "ht": "Lanmè", "en": "Sea"},
      "weight": 0.15,
      "facilities": ["port-apn"],
      "source": "Logistics Cluster, Logistics Capacity Assessment of Haiti"
    },
    {
      "id": "air",
      "name": {"fr": "Air", "ht": "Lè", "en": "Air"},
      "weight": 0.10,
      "facilities": ["airport-mtpp"],
      "source": "Open airport data"
    }
  ]
}`
