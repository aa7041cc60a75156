package directory

import (
	"context"

	"conversion"
)

// Ignored returns a page of the records that are not synced because their contacts or
// companies were deleted here, and the cursor of the next page. Restoring these brings them
// back (spec 3.11).
func (s *Service) Ignored(ctx context.Context, workspaceID, after string, limit int) ([]conversion.Ignored, string, error) {
	limit, err := checkLimit(limit)
	if err != nil {
		return nil, "", err
	}
	return s.open(workspaceID).Ignored(ctx, after, limit)
}
