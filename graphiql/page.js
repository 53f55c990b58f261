'use strict'

// The token stays in this tab: it is kept nowhere.
let token = ''
const access = document.getElementById('access')
const said = document.getElementById('said')
const workbench = ReactDOM.createRoot(document.getElementById('workbench'))

async function ask(request) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
  if (token) headers.Authorization = 'Bearer ' + token
  const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(request) })
  const text = await response.text()
  let answer
  try {
    answer = JSON.parse(text)
  } catch {
    // What stands between us and the server may answer in its own way.
    answer = { errors: [{ message: text || 'HTTP ' + response.status }] }
  }
  access.hidden = response.status !== 401 && !token
  if (response.status === 401) said.textContent = answer.errors[0].message
  return answer
}

// values fills the examples' variables with what is here, so that each can be run as it stands.
async function values() {
  const first = await ask({ query: '{ warehouses { code } skus(first: 1) { edges { node { code } } } }' })
  const warehouse = first.data?.warehouses[0]?.code ?? 'W1'
  let sku = first.data?.skus.edges[0]?.node.code ?? 'SKU'
  const stocked = await ask({
    query: 'query($w: Code!) { zoneStocks(warehouse: $w, first: 1, filter: {onlyAvailable: true}) { edges { node { sku } } } }',
    variables: { w: warehouse }
  })
  sku = stocked.data?.zoneStocks.edges[0]?.node.sku ?? sku
  return JSON.stringify({ warehouse, sku }, null, 2)
}

async function open() {
  const examples = await (await fetch('/graphiql/examples.json')).json()
  const variables = await values()
  const defaultTabs = examples.map(query => ({
    query,
    variables: query.includes('$sku') ? variables : JSON.stringify({ warehouse: JSON.parse(variables).warehouse }, null, 2)
  }))
  // Another token is another workbench: what the last one showed of the schema is not kept.
  workbench.render(React.createElement(GraphiQL,
    { key: token, fetcher: ask, defaultTabs, shouldPersistHeaders: false }))
}

access.addEventListener('submit', event => {
  event.preventDefault()
  token = document.getElementById('token').value.trim()
  said.textContent = ''
  open()
})

open()
