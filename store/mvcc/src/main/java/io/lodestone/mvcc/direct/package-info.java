/**
 * One member without consensus: proposals go straight into the engine. Start reading at {@link
 * DirectLog}, which owns the apply thread.
 */
package io.lodestone.mvcc.direct;
