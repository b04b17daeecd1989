-- What a row of orders can still grow by, in bytes: each step that makes the row longer makes this shorter. A row that
-- outgrows its page moves its neighbours to others, and copies of them may stay in the free part of the page, where an
-- erasure can't find them. An older program places orders without this room.
ALTER TABLE orders ADD COLUMN spare TEXT NOT NULL DEFAULT '';
