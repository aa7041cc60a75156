package api

import (
	"context"
	"math"
	"time"

	"conversion"
	"conversion/internal/connection"
)

// status is the state of a connection (spec 2.3).
type status struct {
	Status           conversion.Status `json:"status" enum:"not_connected,connecting,syncing,synced,behind,reconnect,paused,approval"`
	Message          *string           `json:"message" doc:"Why a person is needed."`
	Hint             *string           `json:"hint" doc:"What to do about it."`
	LastSyncedAt     *time.Time        `json:"last_synced_at"`
	NextSyncAt       *time.Time        `json:"next_sync_at"`
	Org              org               `json:"org"`
	Progress         []progress        `json:"progress"`
	RecordsPerSecond float64           `json:"records_per_second" doc:"While syncing."`
	ETASeconds       *int              `json:"eta_seconds" doc:"null: not syncing, or not known yet."`
	Held             int               `json:"held" doc:"Records and fields that could not be synced."`
	Approvals        int               `json:"approvals" doc:"How many wait for an admin."`
	API              apiUse            `json:"api"`
}

// org is where a workspace belongs to, also after disconnecting.
type org struct {
	ID          *string `json:"id"`
	Name        *string `json:"name"`
	InstanceURL *string `json:"instance_url"`
	Sandbox     bool    `json:"sandbox"`
	UserName    *string `json:"user_name" doc:"The connected Salesforce user."`
}

type progress struct {
	Object conversion.Object `json:"object"`
	Done   int               `json:"done"`
	Total  int               `json:"total"`
}

// apiUse is the org's API requests of the day.
type apiUse struct {
	Used          int        `json:"used" doc:"By everybody, as Salesforce told."`
	Limit         int        `json:"limit" doc:"0: not known yet."`
	Budget        int        `json:"budget" doc:"How many of them may be ours."`
	Ours          int        `json:"ours" doc:"How many were ours in the last 24 hours."`
	Forecast      int        `json:"forecast" doc:"How many it takes at most to send what waits."`
	WindowSeconds int        `json:"window_seconds" doc:"How long changes are gathered before they are sent: longer as the budget runs low."`
	Waits         []laneWait `json:"waits" doc:"What waits for requests."`
}

// laneWait is work that waits for API requests (spec 4.10).
type laneWait struct {
	Lane       string            `json:"lane" enum:"news,edits,pull,sweep,backfill"`
	Reason     conversion.Reason `json:"reason" enum:"share,org,limit" doc:"Our share is used up, the org's requests are, or Salesforce said so."`
	SinceAt    time.Time         `json:"since_at"`
	NextLookAt time.Time         `json:"next_look_at"`
}

func showUse(u connection.APIUse) apiUse {
	shown := apiUse{
		Used: u.Used, Limit: u.Limit, Budget: u.Budget, Ours: u.Ours, Forecast: u.Forecast,
		WindowSeconds: int(u.Window.Seconds()), Waits: make([]laneWait, len(u.Waits)),
	}
	for i, w := range u.Waits {
		shown.Waits[i] = laneWait{w.Lane.String(), w.Reason, w.Since.Time(), w.Until.Time()}
	}
	return shown
}

func showStatus(v connection.StatusView) status {
	s := status{
		Status: v.Status, Message: orNull(v.Message), Hint: orNull(v.Hint),
		LastSyncedAt: timeOrNull(v.LastSynced), NextSyncAt: timeOrNull(v.NextSync),
		Org:      org{orNull(v.Org.ID), orNull(v.Org.Name), orNull(v.Org.InstanceURL), v.Org.Sandbox, orNull(v.Org.UserName)},
		Progress: make([]progress, len(v.Progress)), RecordsPerSecond: math.Round(v.PerSecond*10) / 10,
		Held: v.Held, Approvals: v.Approvals, API: showUse(v.API),
	}
	for i, p := range v.Progress {
		s.Progress[i] = progress{p.Object, p.Done, p.Total}
	}
	if v.ETA > 0 {
		seconds := int(math.Ceil(v.ETA.Seconds()))
		s.ETASeconds = &seconds
	}
	return s
}

func (a *api) status(ctx context.Context, _ *nothing) (*answer[status], error) {
	v, err := a.Connections.Status(ctx, callerOf(ctx).workspaceID)
	return answerWith(showStatus(v)), err
}

type connectInput struct {
	Flow          string `json:"flow" enum:"web,client_credentials"`
	LoginURL      string `json:"login_url,omitempty" maxLength:"255" doc:"production, sandbox, or a My Domain. Default production."`
	ClientID      string `json:"client_id,omitempty" maxLength:"1024" doc:"Consumer key of the connected app. Default: the one known."`
	ClientSecret  string `json:"client_secret,omitempty" maxLength:"1024"`
	ConfirmNewOrg bool   `json:"confirm_new_org,omitempty" doc:"Another org than the links' is meant."`
}

type connected struct {
	AuthorizeURL string            `json:"authorize_url,omitempty" doc:"web: where an admin goes on, in a browser."`
	Status       conversion.Status `json:"status" enum:"not_connected,connecting,syncing,synced,behind,reconnect,paused,approval"`
}

// connect connects, or says where an admin goes on. A program has no browser session for
// the web login to be bound to: what stands for one is its single-use state and that the
// callback is for signed-in admins of the workspace only.
func (a *api) connect(ctx context.Context, in *struct{ Body connectInput }) (*answer[connected], error) {
	c, wanted := callerOf(ctx), in.Body
	var out connected
	var err error
	if wanted.Flow == connection.FlowWeb {
		out.AuthorizeURL, err = a.Connections.Begin(ctx, c.workspaceID, connection.BeginInput{
			LoginURL: wanted.LoginURL, ClientID: wanted.ClientID, ClientSecret: wanted.ClientSecret, ConfirmNewOrg: wanted.ConfirmNewOrg,
		})
	} else {
		err = a.Connections.ConnectClientCredentials(ctx, c.workspaceID, c.actor, connection.CredentialsInput{
			LoginURL: wanted.LoginURL, ClientID: wanted.ClientID, ClientSecret: wanted.ClientSecret, ConfirmNewOrg: wanted.ConfirmNewOrg,
		})
	}
	if err != nil {
		return nil, err
	}
	v, err := a.Connections.Status(ctx, c.workspaceID)
	out.Status = v.Status
	return answerWith(out), err
}

func (a *api) disconnect(ctx context.Context, _ *nothing) (*nothing, error) {
	c := callerOf(ctx)
	return nil, a.Connections.Disconnect(ctx, c.workspaceID, c.actor)
}

func (a *api) pause(ctx context.Context, _ *nothing) (*answer[status], error) {
	c := callerOf(ctx)
	if err := a.Connections.Pause(ctx, c.workspaceID, c.actor); err != nil {
		return nil, err
	}
	return a.status(ctx, nil)
}

func (a *api) resume(ctx context.Context, _ *nothing) (*answer[status], error) {
	c := callerOf(ctx)
	if err := a.Connections.Resume(ctx, c.workspaceID, c.actor); err != nil {
		return nil, err
	}
	return a.status(ctx, nil)
}

type queued struct {
	RunIDs []string `json:"run_ids"`
}

// sync asks for a cycle. The first SyncNow refuses when nobody is connected, before runs
// are queued; the second makes due what a cycle that began in between did not take.
func (a *api) sync(ctx context.Context, _ *nothing) (*answer[queued], error) {
	id := callerOf(ctx).workspaceID
	if err := a.Connections.SyncNow(ctx, id); err != nil {
		return nil, err
	}
	runs, err := a.Syncer.Request(ctx, id, "manual")
	if err != nil {
		return nil, err
	}
	return answerWith(queued{notNil(runs)}), a.Connections.SyncNow(ctx, id)
}
