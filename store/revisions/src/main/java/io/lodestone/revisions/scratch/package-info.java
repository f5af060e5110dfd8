/**
 * What a program puts on disk only for as long as it runs: snapshots on their way, backlogs, what a
 * drill restores. Begin with {@link io.lodestone.revisions.scratch.ScratchDirectory}.
 */
package io.lodestone.revisions.scratch;
