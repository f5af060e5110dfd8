/**
 * One-shot restore: any source of revisions into any sink. What is written becomes visible in one
 * step at the end or not at all; that is the sinks' promise. Start at {@link Transfer}. Confined to
 * the calling thread.
 */
package io.lodestone.restore;
