"""What changed between revisions, and which rule explains it (ISO 32000-2, 12.8.2).

`history` takes a document from revision to revision. Each time it reads a `step`: the `state` before and after, what is
equal (`equality`), and who sees an object (`owners`, filled by `index`). It lets the `rules` report `findings`, and
`permissions` says afterwards which of these a signature allows. Each imports only what stands further down:

    history
    rules, index
    step
    state, equality, owners, findings; looks and wording, which tell what a field shows and says
"""
