package osm

// Limits of one file. The first three are those of the format; the others are
// far above any country and keep a harmful file from taking the machine.
const (
	maxHeaderBytes   = 64 << 10 // of a blob header
	maxBlobBytes     = 32 << 20 // of a blob as stored
	maxRawBytes      = 64 << 20 // of a blob unpacked; the format asks for half
	maxFileBytes     = 8 << 30
	maxTotalRawBytes = 32 << 30   // unpacked, the whole file
	maxBlobs         = 2_000_000  // of data
	maxForeignBlobs  = 10_000     // of kinds the format does not know
	maxBlockStrings  = 2_000_000  // in the string table of a block
	maxBlockRefs     = 16_000_000 // nodes of the roads of a block
	maxWayNodes      = 100_000    // OpenStreetMap allows 2,000
	maxWays          = 3_000_000  // roads kept
	maxRefs          = 60_000_000 // nodes of all roads kept
	maxRestrictions  = 1_000_000
	maxMembers       = 100 // of a turn restriction that is understood
	maxPlaces        = 1_000_000
	maxClipVertices  = 200_000 // of the area to keep

	ordinaryWayNodes = 2000     // OpenStreetMap's own limit on a way
	maxSegmentM      = 50_000.0 // between two nodes of a road; longer is a slip
)
