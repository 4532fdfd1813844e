package haiti

import "testing"

func BenchmarkBatches(b *testing.B) {
	for b.Loop() {
		if _, err := Batches(); err != nil {
			b.Fatal(err)
		}
	}
}
