package wes

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tierstock/wmsync"
)

// answer is what an answer to movements says of one of them. id is "" where it names none.
type answer struct {
	id      string
	receipt wmsync.Receipt
}

// readReceipts says what became of each movement. Answers are known by their ids. Those without
// are taken in order, but only where there are as many as movements: after one that is left out,
// each would be taken for its neighbour's.
func readReceipts(body []byte, movements []wmsync.Movement) ([]wmsync.Receipt, error) {
	answers, err := readAnswers(body, movements)
	if err != nil {
		return nil, err
	}
	said := make(map[string]wmsync.Receipt, len(answers))
	for _, each := range answers {
		was, twice := said[each.id]
		if twice && was.Outcome != each.receipt.Outcome {
			each.receipt = again("the answer has it twice, as %s and as %s", was.Outcome,
				each.receipt.Outcome)
		}
		said[each.id] = each.receipt
	}
	receipts := make([]wmsync.Receipt, len(movements))
	for i, movement := range movements {
		receipt, known := said[movement.ID]
		switch {
		case known:
			receipts[i] = receipt
		case len(answers) == len(movements) && answers[i].id == "":
			receipts[i] = answers[i].receipt
		default:
			receipts[i] = again("the answer does not mention it")
		}
	}
	return receipts, nil
}

func again(format string, values ...any) wmsync.Receipt {
	return wmsync.Receipt{Outcome: wmsync.Retry, Message: fmt.Sprintf(format, values...)}
}

// readAnswers finds the answers in whichever of the known shapes they come: a list, at the top or
// under a name, of whatever name where it is the only one, or an object of status by id, at the top
// or under results.
func readAnswers(body []byte, movements []wmsync.Movement) ([]answer, error) {
	var document json.RawMessage
	if err := decode(body, &document); err != nil {
		return nil, err
	}
	if document[0] == '[' {
		return readList(document)
	}
	var fields map[string]json.RawMessage
	if document[0] != '{' || json.Unmarshal(document, &fields) != nil {
		return nil, errors.New("the answer is neither a list nor an object")
	}
	for _, name := range []string{"results", "items", "movements"} {
		switch raw := fields[name]; {
		case len(raw) > 0 && raw[0] == '[':
			return readList(raw)
		case len(raw) > 0 && raw[0] == '{':
			var byID map[string]json.RawMessage
			_ = json.Unmarshal(raw, &byID)
			return readMap(byID), nil
		}
	}
	for _, movement := range movements {
		if _, named := fields[movement.ID]; named {
			return readMap(fields), nil
		}
	}
	var lists []json.RawMessage
	for _, raw := range fields {
		if raw[0] == '[' {
			lists = append(lists, raw)
		}
	}
	if len(lists) == 1 {
		return readList(lists[0])
	}
	return nil, errors.New("the answer does not say what became of the movements")
}

func readList(raw json.RawMessage) ([]answer, error) {
	elements, err := list(raw, "results", itemsMax)
	if err != nil {
		return nil, err
	}
	answers := make([]answer, len(elements))
	for i, element := range elements {
		answers[i] = readAnswer(element)
	}
	return answers, nil
}

func readMap(byID map[string]json.RawMessage) []answer {
	answers := make([]answer, 0, len(byID))
	for id, raw := range byID {
		answers = append(answers, answer{id: id, receipt: readAnswer(raw).receipt})
	}
	return answers
}

// readAnswer reads an object or a plain status.
func readAnswer(raw json.RawMessage) answer {
	if raw[0] != '{' {
		return answer{receipt: receiptOf(raw)}
	}
	var fields struct {
		ID         json.RawMessage `json:"id"`
		Status     json.RawMessage `json:"status"`
		Result     json.RawMessage `json:"result"`
		Outcome    json.RawMessage `json:"outcome"`
		State      json.RawMessage `json:"state"`
		Error      json.RawMessage `json:"error"`
		Message    json.RawMessage `json:"message"`
		Reason     json.RawMessage `json:"reason"`
		RetryAfter json.RawMessage `json:"retryAfter"`
	}
	_ = json.Unmarshal(raw, &fields) // it is an object, and its fields may be anything
	receipt := receiptOf(first(fields.Status, fields.Result, fields.Outcome, fields.State))
	if text := first(fields.Error, fields.Message, fields.Reason); len(text) > 0 {
		if receipt.Message != "" {
			receipt.Message += ": "
		}
		receipt.Message += wordsOf(text)
	}
	receipt.RetryAfter = secondsOf(fields.RetryAfter)
	id, _ := scalar(fields.ID)
	return answer{id: id, receipt: receipt}
}

func first(values ...json.RawMessage) json.RawMessage {
	for _, value := range values {
		if !isNone(value) && string(value) != `""` {
			return value
		}
	}
	return nil
}

func receiptOf(raw json.RawMessage) wmsync.Receipt {
	if isNone(raw) {
		return again("the answer does not say what became of it")
	}
	outcome := wmsync.Outcome(strings.ToLower(strings.TrimSpace(textOf(raw))))
	switch outcome {
	case wmsync.Applied, wmsync.Duplicate, wmsync.Rejected, wmsync.Retry:
		return wmsync.Receipt{Outcome: outcome}
	}
	return again("the answer is %.80s, and not applied, duplicate, rejected or retry", raw)
}

// wordsOf is a string's text, or what came instead as it is written.
func wordsOf(raw json.RawMessage) string {
	if raw[0] == '"' {
		return textOf(raw)
	}
	return string(raw)
}

func secondsOf(raw json.RawMessage) time.Duration {
	text, err := scalar(raw)
	var seconds json.Number
	if err != nil || text == "" || json.Unmarshal([]byte(text), &seconds) != nil {
		return 0
	}
	number, err := seconds.Float64()
	if err != nil {
		return 0
	}
	return waitOf(number)
}
