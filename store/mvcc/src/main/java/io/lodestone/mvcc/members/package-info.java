/**
 * What the log says of the cluster itself: its members, its version, a downgrade under way. Start
 * reading at {@link MemberTable}. Changed on the apply thread, read by any.
 */
package io.lodestone.mvcc.members;
