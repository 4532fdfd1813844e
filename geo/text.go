package geo

// Text is a word or sentence in the three languages. French is the default.
type Text struct {
	French  string `json:"fr"`
	Haitian string `json:"ht"`
	English string `json:"en"`
}

// In gives the text in a language tag (fr, ht, en); French for any other.
func (t Text) In(language string) string {
	switch language {
	case "ht":
		return t.Haitian
	case "en":
		return t.English
	default:
		return t.French
	}
}

// Word is one value of an enumeration with its label.
type Word struct {
	Value string
	Label Text
}
