/**
 * What a migration remembers across crashes: {@link io.lodestone.migrate.journal.Journal}, a file
 * of dated entries, and {@link io.lodestone.migrate.journal.Standing}, what they add up to. The
 * format is in {@code docs/formats/migration-journal.md}.
 *
 * <p>Invariants: an entry that must not be lost is on disk before what it announces is done; an
 * entry that was torn by a crash is the last one, and is dropped.
 */
package io.lodestone.migrate.journal;
