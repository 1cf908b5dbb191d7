"""The rules, one module for each part of a document. They read a `Step` and report to it.

- `catalog`, `pages`: the document as a whole and what its pages draw; `reached` asks them about objects seen there
- `annotations`: what lies on the pages and belongs to no field
- `form`, with `resources`: what all fields share
- `fields`: which fields changed; `signing` and `filling` judge them, and `field_changes` tells both what differs
- `structure`: what is read aloud
- `group`: what each of them looks at
"""
