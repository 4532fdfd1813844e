package hazard

// Unassessed is the key, in maps by control type, for ground that no zone
// covers. It is not the control type unknown: there somebody looked.
const Unassessed = "unassessed"

// Policy is everything that a deployment may set about vehicles, profiles and
// risk. Its JSON form is what ParsePolicy reads. The range tags give the bounds
// of each figure, both included; Check enforces them.
type Policy struct {
	Version    string             `json:"version"` // printed with every figure that the policy made
	Vehicles   map[string]Vehicle `json:"vehicles"`
	Profiles   map[string]Profile `json:"profiles"`
	Roads      Roads              `json:"roads"`
	Claims     map[string]Claim   `json:"claims"` // by decay class of geo.Model
	Grades     Grades             `json:"grades"`
	Zones      map[string]float64 `json:"zone_per_km" range:"0,10"`    // severity s by control type
	Unknown    map[string]float64 `json:"unknown_per_km" range:"0,10"` // u by control type and Unassessed
	Roadblocks Roadblocks         `json:"roadblocks"`
	Night      Night              `json:"night"`
	Bands      Bands              `json:"bands"`
	Forced     Forced             `json:"forced"`
	LambdaDs   []uint32           `json:"lambda_ds"` // deciseconds for one unit of risk, ascending
}

// Claim is how a kind of claim ages.
type Claim struct {
	HalfLifeH float64 `json:"half_life_h" range:"0.25,87600"` // hours in which a report loses half its weight
	Prior     float64 `json:"prior" range:"0.001,0.5"`        // credibility once every report has faded
}

// Grades turn graded reports into weights.
//
// The letters and numbers are the Admiralty code's (NATO AJP-2.1); it gives them
// no numbers. The defaults are those of geo.DefaultModel. The MISP taxonomy
// admiralty-scale publishes another mapping: 100, 75, 50, 25, 0 and 50 percent
// for A to F as for 1 to 6.
type Grades struct {
	Reliability   map[string]float64 `json:"reliability" range:"0,1"`        // A-F
	Credibility   map[string]float64 `json:"credibility" range:"0,1"`        // 1-6
	Weight        float64            `json:"weight" range:"0.1,20"`          // log-odds of a fresh report of weight 1
	SameFamily    float64            `json:"same_family" range:"0,1"`        // what each further report of a source family counts
	Disputed      float64            `json:"disputed" range:"0,1"`           // what a contradicted claim keeps of its log-odds
	NewsHalfLives float64            `json:"news_half_lives" range:"0.5,10"` // half-lives for which a report is news
}

// Roadblocks give q, the chance of an incident for a vehicle that comes to a
// roadblock that is there: the figure of its kind times that of its holder.
type Roadblocks struct {
	Subtypes map[string]float64 `json:"subtypes" range:"0,0.95"`
	Actors   map[string]float64 `json:"actors" range:"0,5"`
}

// Night is when risk is greater, in the local time of Haiti, and how much. From
// and to the same hour is never.
type Night struct {
	FromH float64 `json:"from_h" range:"0,24"`
	ToH   float64 `json:"to_h" range:"0,24"`
	Share float64 `json:"share" range:"1,10"`
}

// Bands are the steps at which the risk of a way gets another word.
type Bands struct {
	Total   Steps   `json:"total"`                      // of known and unknown risk together
	Leg     Steps   `json:"leg"`                        // of the worst leg alone
	Unknown float64 `json:"unknown" range:"0.0001,100"` // unknown risk from which the band is unknown
}

// Steps are the least risks of three bands, ascending.
type Steps struct {
	Guarded float64 `json:"guarded" range:"0.0001,100"`
	High    float64 `json:"high" range:"0.0001,100"`
	Severe  float64 `json:"severe" range:"0.0001,100"`
}

// Forced prices what cannot be passed. They count only where there is no other
// way, to find the one with the least of it.
type Forced struct {
	ObstacleS    float64 `json:"obstacle_s" range:"0,1000000"`   // each obstacle, seconds
	SectionSPerM float64 `json:"section_s_per_m" range:"0,1000"` // each metre of a closed section, seconds
}

// Lambdas gives the factors of the time-risk sweep: deciseconds that one unit of
// risk is worth, ten of them, ascending.
func (p *Policy) Lambdas() []uint32 { return append([]uint32(nil), p.LambdaDs...) }

// lambdas is how many factors there are.
const lambdas = 10
