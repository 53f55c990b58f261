package access_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"tierstock/access"
)

func TestRequestsCarryTheirToken(t *testing.T) {
	keys := ring(t, "k1 "+secret)
	token := sign(t, keys, time.Hour)
	for header, valid := range map[string]bool{"Bearer " + token: true, "bearer  " + token: true,
		token: false, "Basic " + token: false, "Bearer": false, "Bearer x" + token: false} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.Header.Set("Authorization", header)
		who, err := keys.Of(r)
		if valid != (err == nil) || !valid && !errors.Is(err, access.ErrToken) {
			t.Errorf("%.20q: %v %+v", header, err, who)
		}
	}
	twice := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	twice.Header["Authorization"] = []string{"Bearer " + token, "Bearer " + token}
	if _, err := keys.Of(twice); err == nil {
		t.Error("two tokens were taken")
	}
	var none *access.Keys
	if who, err := none.Of(twice); err != nil || who.Role != access.Admin {
		t.Errorf("without keys: %v %+v", err, who)
	}
}

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rates := access.NewRates(2)
		ann, bob := &access.Principal{Token: "a"}, &access.Principal{Token: "b"}
		for i := range 10 {
			if wait := rates.Wait(ann); wait != 0 {
				t.Fatalf("request %d has to wait %v", i, wait)
			}
		}
		if wait := rates.Wait(ann); wait != 500*time.Millisecond {
			t.Errorf("the eleventh waits %v", wait)
		}
		if wait := rates.Wait(bob); wait != 0 {
			t.Errorf("another token waits %v", wait)
		}
		time.Sleep(500 * time.Millisecond)
		if wait := rates.Wait(ann); wait != 0 {
			t.Errorf("half a second later it waits %v", wait)
		}
	})
	for i := range 20_001 {
		if wait := access.NewRates(0).Wait(&access.Principal{Token: fmt.Sprint(i)}); wait != 0 {
			t.Fatalf("without a rate one waits %v", wait)
		}
	}
}
