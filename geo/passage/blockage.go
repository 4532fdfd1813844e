package passage

import "pasaj/geo"

// blockage names a roadblock, or a closure that the question supposes.
func (q *question) blockage(o *obstacle) Blockage {
	if o.version == nil {
		return Blockage{Text: supposedText}
	}
	return versionBlockage(o.version, "subtype")
}

// versionBlockage names a feature by one of its properties.
func versionBlockage(v *geo.Version, subtype string) Blockage {
	id := v.ID
	return Blockage{
		Collection: v.Layer.Name, ID: &id, Code: point(v.Text("code")), Name: point(v.Name().French),
		Subtype: point(v.Text(subtype)), Text: capitalText(reportText(v)),
	}
}

func capitalText(t geo.Text) geo.Text {
	return geo.Text{French: capital(t.French) + ".", Haitian: capital(t.Haitian) + ".", English: capital(t.English) + "."}
}
