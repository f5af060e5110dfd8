/**
 * Moves a living cluster: the destination gets every revision of the source, with its own number,
 * while clients go on writing; the writers wait only from the fence to the proof of equality.
 *
 * <p>Start reading at {@link io.lodestone.migrate.Migration}, then {@code MigrationRun}, the state
 * machine, {@code Seeding}, {@code Pursuit} (the replay) and {@code Handover} (from the fence on).
 *
 * <p>Invariants: what a later run must know is in the journal before it is done; the fence is
 * lifted by whoever fails or gives up before the cutover; nothing is called equal that was not
 * compared. All of it lives on the thread that calls {@code run}.
 */
package io.lodestone.migrate;
