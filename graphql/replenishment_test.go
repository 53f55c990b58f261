package graphql

import (
	"os"
	"regexp"
	"testing"
)

// The documents of docs/replenishment.md, one after the other, and what the page says they do.
func TestTheReplenishmentPage(t *testing.T) {
	page, err := os.ReadFile("../docs/replenishment.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```graphql\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 4 {
		t.Fatalf("the page has %d documents", len(blocks))
	}
	w := newWhole(t)
	w.want(`mutation{receive(lines:{key:{jobType:"ASN",orderId:"A2",lineId:"1"},
		at:{warehouse:"W",zone:"DOCK",sku:"TEA"},qty:"100"}){applied}}`,
		map[string]any{"receive.applied": 1.0})
	w.want(blocks[0][1], map[string]any{"upsertStockLevels.created": 1.0,
		"upsertStockLevels.results.0.code": "APPLIED"})
	w.want(blocks[1][1], map[string]any{"runReplenishment.code": "APPLIED",
		"runReplenishment.run.moves": 1.0, "runReplenishment.run.buys": 0.0})
	w.want(blocks[1][1], map[string]any{"runReplenishment.code": "REPLAYED"})
	const node = "replenishmentSuggestions.edges.0.node."
	listed := w.want(blocks[2][1], map[string]any{node + "kind": "MOVE", node + "reason": "LEVEL",
		node + "qty": "38", node + "bin": "DOCK-STAGING", node + "toBin": "F1", node + "present": "10",
		node + "wanted": "12", "replenishmentSuggestions.pageInfo.hasNextPage": false})
	w.want(blocks[3][1], nil)
	task, _ := listed.at(node + "taskId").(string)
	w.want(`mutation{move(lines:{key:{jobType:"REPLENISH",taskId:"`+task+`"},
		from:{warehouse:"W",bin:"DOCK-STAGING",sku:"TEA"},toBin:"F1",qty:"38"}){
		results{code tasks{kind state done}}}}`, map[string]any{"move.results.0.code": "APPLIED",
		"move.results.0.tasks.0.kind": "REPLENISH", "move.results.0.tasks.0.state": "DONE",
		"move.results.0.tasks.0.done": "38"})
	w.want(`{tasks(warehouse:"W",filter:{kinds:[REPLENISH],states:[OPEN]}){edges{node{taskId}}}}`, nil)
}

func TestReplenishmentAnswersWhatItIsAsked(t *testing.T) {
	w := newWhole(t)
	w.want(`mutation{
		upsertStockLevels(lines:[{warehouse:"W",zone:"FAST",sku:"TEA",min:"99",max:"200",pack:"CASE",
			sources:["DOCK"]},{warehouse:"W",zone:"FAST",bin:"F9",sku:"TEA",min:"1",max:"2"},
			{warehouse:"W",zone:"FAST",bin:"F1",sku:"SALT",min:"1",max:"2"}]){created results{code field}}
		runReplenishment(warehouse:"W",number:3,createTasks:false,serviceLevel:"2"){code field run{id}}
		zero:runReplenishment(warehouse:"W",number:3,serviceLevel:"0",leadDays:0,coverDays:0){
			code field}
		other:runReplenishment(warehouse:"NONE"){code field message}
	}`, map[string]any{"upsertStockLevels.created": 2.0,
		"upsertStockLevels.results.1.code":  "NOT_FOUND",
		"upsertStockLevels.results.1.field": "bin",
		"runReplenishment.code":             "INVALID", "runReplenishment.field": "serviceLevel",
		"zero.code": "INVALID", "zero.field": "serviceLevel",
		"runReplenishment.run": nil, "other.code": "NOT_FOUND", "other.field": "warehouse"})
	first := w.want(`{stockLevels(warehouse:"W",first:1){edges{cursor node{zone bin sku min max pack
		sources}} pageInfo{hasNextPage endCursor}}}`, map[string]any{
		"stockLevels.edges.0.node.sku": "SALT", "stockLevels.pageInfo.hasNextPage": true})
	cursor, _ := first.at("stockLevels.pageInfo.endCursor").(string)
	w.want(`{stockLevels(warehouse:"W",first:1,after:"`+cursor+`"){edges{node{sku min max pack
		sources}} pageInfo{hasNextPage}}}`, map[string]any{"stockLevels.edges.0.node.sku": "TEA",
		"stockLevels.edges.0.node.pack": "CASE", "stockLevels.edges.0.node.sources.0": "DOCK",
		"stockLevels.pageInfo.hasNextPage": false})
	w.want(`{replenishmentSuggestions(warehouse:"W"){edges{node{run{number} line kind}}}
		demandForecasts(warehouse:"W",sku:"TEA"){edges{node{sku method}}}}`, nil)
	w.want(`mutation{runReplenishment(warehouse:"W",number:4,createTasks:false){code run{number moves
		createTasks leftOut}}}`, map[string]any{"runReplenishment.code": "APPLIED",
		"runReplenishment.run.number": 4.0, "runReplenishment.run.moves": 1.0,
		"runReplenishment.run.createTasks": false, "runReplenishment.run.leftOut": 0.0})
	w.want(`{replenishmentSuggestions(warehouse:"W"){edges{node{run{number} line kind reason sku toBin
		qty taskId}}}}`, map[string]any{"replenishmentSuggestions.edges.0.node.run.number": 4.0,
		"replenishmentSuggestions.edges.0.node.sku":    "SALT",
		"replenishmentSuggestions.edges.0.node.qty":    "1.5",
		"replenishmentSuggestions.edges.0.node.toBin":  "F1",
		"replenishmentSuggestions.edges.0.node.taskId": ""})
}

// Only a move under a job type of tasks to move goods looks for one.
func TestOtherMovesLookForNoTask(t *testing.T) {
	w := newWhole(t)
	for jobType, looks := range map[string]int{"PUTAWAY": 0, "PICK": 0, "REPLENISH": 1, "MOVE": 1} {
		got := w.counting("FROM tasks", func() {
			w.want(`mutation{move(lines:{key:{jobType:"`+jobType+`",taskId:"M1"},
				from:{warehouse:"W",bin:"F1",sku:"TEA"},toBin:"F2",qty:"1"}){results{code}}}`,
				map[string]any{"move.results.0.code": "APPLIED"})
		})
		if got != looks {
			t.Errorf("a %s move looked for tasks %d times", jobType, got)
		}
	}
}
