package sourcing

import (
	"tierstock/model"
)

// answer sums up what became of each order, in the order given.
func (r *run) answer() []Executed {
	answers := make([]Executed, len(r.scene.tasks))
	for i, task := range r.scene.tasks {
		outcome := r.outcomes[task]
		whole, some, replayed := true, false, true
		for line := range task.lines {
			answer := r.lineAnswer(task, line)
			outcome.Lines = append(outcome.Lines, answer)
			replayed = replayed && answer.Code == model.Replayed
			whole = whole && (answer.Code == model.Applied || answer.Code == model.Replayed)
			some = some || answer.Qty > 0
		}
		outcome.Code = codeOfOrder(whole, some)
		switch {
		case task.refusal != nil:
			outcome.Code, outcome.Field, outcome.Message = task.refusal.Code, task.refusal.Field,
				task.refusal.Message
		case r.gaveUp[task]:
			outcome.Message = gaveUpMessage
		case replayed:
			outcome.Code = model.Replayed
		}
		answers[i] = *outcome
	}
	return answers
}

const gaveUpMessage = "the order ships complete and could not be served whole; what was held for " +
	"it is given back. Ask again when stock has come: a warehouse that held a line and gave it back " +
	"serves that line again only under a higher revision"

func (r *run) lineAnswer(task *task, line int) LinePlan {
	state := &task.lines[line]
	answer := LinePlan{LineID: task.order.Lines[line].LineID, Qty: state.held}
	answer.Shortage = task.left(line)
	if r.gaveUp[task] {
		answer.Qty, answer.Shortage = 0, task.order.Lines[line].Qty
	}
	switch {
	case state.refusal != nil:
		answer.Code, answer.Field, answer.Message = state.refusal.Code, state.refusal.Field,
			state.refusal.Message
	case task.refusal != nil, r.gaveUp[task] && task.left(line) == 0:
		answer.Code = model.Skipped
	case answer.Shortage == 0 && r.isReplayed(task, line):
		answer.Code = model.Replayed
	default:
		answer.Code = codeOf(answer.Qty, answer.Shortage)
	}
	return answer
}

// isReplayed says whether all that a line has comes from earlier calls.
func (r *run) isReplayed(task *task, line int) bool {
	for _, part := range r.outcomes[task].Parts {
		for _, result := range part.Lines {
			if result.Line == line && result.Code.Succeeded() && result.Code != model.Replayed {
				return false
			}
		}
	}
	return true
}
