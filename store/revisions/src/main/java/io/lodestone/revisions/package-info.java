/**
 * The stream of revisions: the one form in which everything moves between the parts of Lodestone.
 *
 * <p>A {@link RevisionSource} opens a {@link RevisionStream} of {@link StreamItem}s; a {@link
 * RevisionSink} takes them. A stream is zero or more <em>bases</em> and the <em>tail</em> that
 * follows each:
 *
 * <pre>{@code
 * BaseStart  Compaction  side state*  RevisionRecord*  Complete(R)       the base: all that survives compaction, up to R
 * ( RevisionRecord+ Complete(R+1) | LeaseState | LeaseGone | Compaction | Complete(same revision, later) )*    the tail
 * End
 * }</pre>
 *
 * <p>Invariants, enforced by {@link CheckedStream}: records ascend strictly by (main, sub); the
 * tail has every main revision after R, each closed by its own {@code Complete}; nothing after the
 * last {@code Complete} may become visible or durable. A stream opened after a revision has no base
 * and starts with its tail. A stream of the keys below a prefix only says so in its BaseStart: its
 * tail leaves out the revisions that changed none of them, and only who expects one takes it. Start
 * reading at {@link StreamItem}.
 *
 * <p>Items are immutable; streams and sinks are confined to one thread at a time.
 */
package io.lodestone.revisions;
