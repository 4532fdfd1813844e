package osm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"pasaj/geo"
)

// Progress says how far the reading has come.
type Progress struct {
	Phase string // roads, nodes, network or download
	Done  int64  // of Total; bytes of the file
	Total int64
}

// scanner goes through the blocks of a file with several goroutines.
type scanner struct {
	r        io.ReadSeeker
	progress func(Progress)
	header   header
	bytes    int64 // of the file
	blobs    int
}

// worker is the memory of one decoding goroutine.
type worker struct {
	stored []byte
	raw    []byte
	block  block
}

// scan calls decode with every data block, several at a time, and then take
// with each result in the order of the file. A panic of decode is an error of
// the block. decode must not keep the block.
func scan[T any](ctx context.Context, s *scanner, phase string, decode func(*block) (T, error), take func(T) error) error {
	frames, err := newBlobReader(s.r)
	if err != nil {
		return err
	}
	s.bytes = frames.size
	first, err := frames.next(nil)
	if err != nil {
		return err
	}
	if s.header, err = decodeHeader(first); err != nil {
		return err
	}
	workers := make([]worker, min(max(runtime.GOMAXPROCS(0), 1), 8))
	results, errs := make([]T, len(workers)), make([]error, len(workers))
	var unpacked int64
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := 0
		var end error
		var wait sync.WaitGroup
		for n < len(workers) && end == nil {
			var next blob
			if next, end = frames.next(workers[n].stored); end != nil {
				break
			}
			workers[n].stored = next.data
			wait.Add(1)
			go func(i int) {
				defer wait.Done()
				results[i], errs[i] = decodeBlob(&workers[i], next, decode)
			}(n)
			n++
		}
		wait.Wait()
		for i := range n {
			if errs[i] != nil {
				return errs[i]
			}
			if unpacked += int64(len(workers[i].block.raw)); unpacked > maxTotalRawBytes {
				return geo.Errorf(geo.CodeTooLarge, "", "the file unpacks to more than %d GB: take a smaller extract", int64(maxTotalRawBytes)>>30)
			}
			if err := take(results[i]); err != nil {
				return err
			}
			var none T
			results[i] = none
		}
		s.blobs = frames.blobs
		if s.progress != nil {
			s.progress(Progress{Phase: phase, Done: frames.at, Total: frames.size})
		}
		if errors.Is(end, io.EOF) {
			return nil
		}
		if end != nil {
			return end
		}
	}
}

// decodeBlob is the one place where damage to a block, of whatever kind,
// becomes an error.
func decodeBlob[T any](w *worker, in blob, decode func(*block) (T, error)) (out T, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = damaged(in, fmt.Errorf("%v", cause))
		}
	}()
	raw, err := unpack(in.data, &w.raw)
	if err != nil {
		return out, damaged(in, err)
	}
	if err := w.block.parse(raw); err != nil {
		return out, damaged(in, err)
	}
	if out, err = decode(&w.block); err != nil && geo.CodeOf(err) == "" {
		err = damaged(in, err)
	}
	return out, err
}

func decodeHeader(in blob) (h header, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = damaged(in, fmt.Errorf("%v", cause))
		}
	}()
	raw, err := unpack(in.data, new([]byte))
	if err != nil {
		return h, damaged(in, err)
	}
	if h, err = parseHeader(raw); err != nil && geo.CodeOf(err) == "" {
		err = damaged(in, err)
	}
	return h, err
}

func damaged(in blob, why error) error {
	return geo.Errorf(geo.CodeInvalid, "", "the block at byte %d of the file is damaged: %w", in.offset, why)
}
