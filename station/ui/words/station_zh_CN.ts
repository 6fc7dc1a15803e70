<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>action</name>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Skip step</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Force off</source>
        <translation>强制切断</translation>
    </message>
    <message>
        <source>Close test</source>
        <translation>关闭检测</translation>
    </message>
</context>
<context>
    <name>action.go_on</name>
    <message>
        <source>Go on</source>
        <translation>继续检测</translation>
    </message>
</context>
<context>
    <name>action.resume</name>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
</context>
<context>
    <name>alarm</name>
    <message>
        <source>Alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>No alarms</source>
        <translation>无报警</translation>
    </message>
    <message>
        <source>Not known yet</source>
        <translation>尚未知道</translation>
    </message>
    <message>
        <source>{count} more: press or F11</source>
        <translation>另有 {count} 条：点按或 F11</translation>
    </message>
    <message>
        <source>{count} to acknowledge</source>
        <translation>{count} 条未确认</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>怎么处理</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>bench</source>
        <translation>整台</translation>
    </message>
    <message>
        <source>Prio</source>
        <translation>优先</translation>
    </message>
    <message>
        <source>critical</source>
        <translation>紧急</translation>
    </message>
    <message>
        <source>high</source>
        <translation>高</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>中</translation>
    </message>
    <message>
        <source>low</source>
        <translation>低</translation>
    </message>
    <message>
        <source>open</source>
        <translation>未确认</translation>
    </message>
    <message>
        <source>acknowledged</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>over, not seen</source>
        <translation>已恢复，未确认</translation>
    </message>
    <message>
        <source>shelved</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>shelved, over</source>
        <translation>已搁置，已恢复</translation>
    </message>
    <message>
        <source>(+{count} that followed)</source>
        <translation>（另有 {count} 条后续）</translation>
    </message>
    <message>
        <source>press or F11: all</source>
        <translation>点按或 F11 查看</translation>
    </message>
    <message>
        <source>Alarm list</source>
        <translation>报警列表</translation>
    </message>
    <message>
        <source>channel {channel}</source>
        <translation>通道 {channel}</translation>
    </message>
    <message>
        <source>Cause: {text}</source>
        <translation>原因：{text}</translation>
    </message>
    <message>
        <source>Consequence: {text}</source>
        <translation>后果：{text}</translation>
    </message>
    <message>
        <source>What to do: {text}</source>
        <translation>处理：{text}</translation>
    </message>
    <message>
        <source>Channel {channel} stays shut until it is acknowledged there (F6)</source>
        <translation>通道 {channel} 保持锁定，直到在通道上确认（F6）</translation>
    </message>
    <message>
        <source>Acknowledged at {at} by {who}</source>
        <translation>{at} 由 {who} 确认</translation>
    </message>
    <message>
        <source>Shelved until {until} by {who}: {reason}</source>
        <translation>由 {who} 搁置到 {until}：{reason}</translation>
    </message>
    <message>
        <source>{count} that
followed</source>
        <translation>后续 {count} 条</translation>
    </message>
    <message>
        <source>hide
the {count}</source>
        <translation>收起 {count} 条</translation>
    </message>
    <message>
        <source>… and {count} more</source>
        <translation>……还有 {count} 条</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Shelve …</source>
        <translation>搁置 …</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>取回</translation>
    </message>
    <message>
        <source>Page
before</source>
        <translation>上一页</translation>
    </message>
    <message>
        <source>Next
page</source>
        <translation>下一页</translation>
    </message>
    <message>
        <source>Close
F11</source>
        <translation>关闭
F11</translation>
    </message>
    <message>
        <source>Do not
shelve</source>
        <translation>不搁置</translation>
    </message>
    <message>
        <source>page {page} of {pages}</source>
        <translation>第 {page}/{pages} 页</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} 分钟</translation>
    </message>
    <message>
        <source>{count} h</source>
        <translation>{count} 小时</translation>
    </message>
    <message>
        <source>Waiting
for a part</source>
        <translation>等待备件</translation>
    </message>
    <message>
        <source>Work in
progress</source>
        <translation>正在维修</translation>
    </message>
    <message>
        <source>Faulty
sensor</source>
        <translation>传感器故障</translation>
    </message>
    <message>
        <source>For how long, and why, is this alarm shelved? It comes back by itself; a latched fault stays latched.</source>
        <translation>这条报警搁置多久，为什么？到时自动恢复；锁定的故障不会因此解除。</translation>
    </message>
</context>
<context>
    <name>bar</name>
    <message>
        <source>SOH {estimate} %, 90 % interval {low} to {high} %</source>
        <translation>SOH {estimate} %，90 % 区间 {low} 至 {high} %</translation>
    </message>
</context>
<context>
    <name>button</name>
    <message>
        <source>Start test</source>
        <translation>开始检测</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Stop this channel</source>
        <translation>停止本通道</translation>
    </message>
    <message>
        <source>Stop all tests</source>
        <translation>停止全部</translation>
    </message>
    <message>
        <source>Profile {title}</source>
        <translation>检测方案 {title}</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>No code</source>
        <translation>无码电池</translation>
    </message>
    <message>
        <source>Type code</source>
        <translation>手输编码</translation>
    </message>
    <message>
        <source>Profile</source>
        <translation>检测方案</translation>
    </message>
</context>
<context>
    <name>check</name>
    <message>
        <source>Yes
Ctrl+Y</source>
        <translation>是
Ctrl+Y</translation>
    </message>
    <message>
        <source>No
Ctrl+N</source>
        <translation>否
Ctrl+N</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一题</translation>
    </message>
    <message>
        <source>Attach photo</source>
        <translation>附上照片</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Start test
F5</source>
        <translation>开始检测
F5</translation>
    </message>
    <message>
        <source>question {at} of {of}</source>
        <translation>第 {at}/{of} 题</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>已答完</translation>
    </message>
    <message>
        <source>The form is answered</source>
        <translation>检查表已答完</translation>
    </message>
    <message>
        <source>Look at the voltage, then press F5 to start; a &quot;no&quot; is mended by going back</source>
        <translation>确认接线电压后按 F5 开始检测；有“否”的，请按“上一题”改正</translation>
    </message>
    <message>
        <source>Put right first</source>
        <translation>先解决</translation>
    </message>
    <message>
        <source>Quarantine</source>
        <translation>隔离</translation>
    </message>
    <message>
        <source>Goes on, noted</source>
        <translation>记录后继续</translation>
    </message>
    <message>
        <source>Leads: –</source>
        <translation>接线电压：–</translation>
    </message>
    <message>
        <source>Leads: {volts}</source>
        <translation>接线电压：{volts}</translation>
    </message>
    <message>
        <source>polarity and voltage are right; output off</source>
        <translation>极性和电压正常；输出为关</translation>
    </message>
    <message>
        <source>photos: {count}</source>
        <translation>照片：{count} 张</translation>
    </message>
    <message>
        <source>Photo file: path, then Enter</source>
        <translation>照片文件：输入路径后按回车</translation>
    </message>
    <message>
        <source>camera ready: Attach photo takes a picture</source>
        <translation>摄像头就绪：按“附上照片”即拍照</translation>
    </message>
    <message>
        <source>new photo: {name}</source>
        <translation>新照片：{name}</translation>
    </message>
</context>
<context>
    <name>edit</name>
    <message>
        <source>Working …</source>
        <translation>处理中…</translation>
    </message>
    <message>
        <source>line {line}</source>
        <translation>第 {line} 行</translation>
    </message>
    <message>
        <source>No problem found</source>
        <translation>没有发现问题</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现有</translation>
    </message>
    <message>
        <source>this text</source>
        <translation>当前文本</translation>
    </message>
    <message>
        <source>Its stored facts cannot be decided again</source>
        <translation>所存事实无法重新判定</translation>
    </message>
    <message>
        <source>No difference</source>
        <translation>没有差别</translation>
    </message>
    <message>
        <source>Reason (goes on record)</source>
        <translation>理由（记入记录）</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Differences</source>
        <translation>差别</translation>
    </message>
    <message>
        <source>Profile</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Nominal capacity</source>
        <translation>额定容量</translation>
    </message>
    <message>
        <source>Chemistry</source>
        <translation>化学体系</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>own, v{version}</source>
        <translation>自有，v{version}</translation>
    </message>
    <message>
        <source>shipped</source>
        <translation>自带</translation>
    </message>
    <message>
        <source>Over time</source>
        <translation>时间图</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>can run it</source>
        <translation>可以运行</translation>
    </message>
    <message>
        <source>No plan: correct the text first</source>
        <translation>没有计划：先改正文本</translation>
    </message>
    <message>
        <source>Total {time} · at most {charge} Ah in, {discharge} Ah out · largest current {largest} A</source>
        <translation>总时长 {time} · 最多充入 {charge} Ah、放出 {discharge} Ah · 最大电流 {largest} A</translation>
    </message>
    <message>
        <source>profile limit</source>
        <translation>方案限值</translation>
    </message>
    <message>
        <source>channel {channel} limit</source>
        <translation>通道 {channel} 限值</translation>
    </message>
    <message>
        <source>{value} s</source>
        <translation>{value} s</translation>
    </message>
    <message>
        <source>{value} min</source>
        <translation>{value} min</translation>
    </message>
    <message>
        <source>{value} h</source>
        <translation>{value} h</translation>
    </message>
    <message>
        <source>Save as new version</source>
        <translation>另存新版本</translation>
    </message>
    <message>
        <source>Compare with version</source>
        <translation>与版本对比</translation>
    </message>
    <message>
        <source>{name} version {version} saved; tests start with it from now on</source>
        <translation>{name} 已保存为第 {version} 版，今后按此版检测</translation>
    </message>
    <message>
        <source>Wired</source>
        <translation>接线</translation>
    </message>
    <message>
        <source>Discovery</source>
        <translation>查找仪器</translation>
    </message>
    <message>
        <source>Bench file</source>
        <translation>测试台文件</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>限值</translation>
    </message>
    <message>
        <source>Warnings</source>
        <translation>提醒</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Driver</source>
        <translation>驱动</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>应为</translation>
    </message>
    <message>
        <source>Ask who answers</source>
        <translation>查询应答身份</translation>
    </message>
    <message>
        <source>not asked</source>
        <translation>未查询</translation>
    </message>
    <message>
        <source>All instruments answer as expected</source>
        <translation>所有仪器应答相符</translation>
    </message>
    <message>
        <source>{count} do not answer as expected</source>
        <translation>{count} 台应答不符</translation>
    </message>
    <message>
        <source>firmware {value}</source>
        <translation>固件 {value}</translation>
    </message>
    <message>
        <source>watchdog {value} s</source>
        <translation>看门狗 {value} s</translation>
    </message>
    <message>
        <source>no watchdog</source>
        <translation>无看门狗</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>有应答</translation>
    </message>
    <message>
        <source>another one answers</source>
        <translation>应答的是另一台</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>无应答</translation>
    </message>
    <message>
        <source>in use: not touched</source>
        <translation>使用中，未查询</translation>
    </message>
    <message>
        <source>joined of its parts</source>
        <translation>由各部分组成</translation>
    </message>
    <message>
        <source>Modbus: asked by the check of the bench only</source>
        <translation>Modbus：仅在测试台检查时询问</translation>
    </message>
    <message>
        <source>CAN: it is listened to in a test only</source>
        <translation>CAN：仅在检测时监听</translation>
    </message>
    <message>
        <source>listed, not asked</source>
        <translation>已列出，未查询</translation>
    </message>
    <message>
        <source>cell</source>
        <translation>单体</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模组</translation>
    </message>
    <message>
        <source>pack</source>
        <translation>电池包</translation>
    </message>
    <message>
        <source>simulated</source>
        <translation>仿真</translation>
    </message>
    <message>
        <source>real instruments</source>
        <translation>真实仪器</translation>
    </message>
    <message>
        <source>The file differs from what the service runs with: it counts from the next start of the service on</source>
        <translation>文件与正在运行的设置不同：下次启动服务时生效</translation>
    </message>
    <message>
        <source>Hosts or addresses to ask, e.g. 192.168.1.20</source>
        <translation>要查询的主机或地址，如 192.168.1.20</translation>
    </message>
    <message>
        <source>Look (asks *IDN? only)</source>
        <translation>查找（只问 *IDN?）</translation>
    </message>
    <message>
        <source>{count} found</source>
        <translation>找到 {count} 个</translation>
    </message>
    <message>
        <source>Lines for a bench file</source>
        <translation>测试台文件条目</translation>
    </message>
    <message>
        <source>found by asking *IDN? only; check each line before it is used</source>
        <translation>仅询问 *IDN? 得到；使用前请逐行核对</translation>
    </message>
    <message>
        <source>VISA</source>
        <translation>VISA</translation>
    </message>
    <message>
        <source>Serial ports</source>
        <translation>串口</translation>
    </message>
    <message>
        <source>CAN</source>
        <translation>CAN</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>种类</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Identity</source>
        <translation>身份</translation>
    </message>
    <message>
        <source>Check and write</source>
        <translation>校验并写入</translation>
    </message>
    <message>
        <source>Written: {path}. It counts from the next start of the service on</source>
        <translation>已写入 {path}，下次启动服务时生效</translation>
    </message>
    <message>
        <source>An overdue instrument refuses the test</source>
        <translation>仪器过期时拒绝检测</translation>
    </message>
    <message>
        <source>An overdue instrument is told at every test</source>
        <translation>仪器过期时每次检测都提示</translation>
    </message>
    <message>
        <source>good</source>
        <translation>有效</translation>
    </message>
    <message>
        <source>due soon</source>
        <translation>即将到期</translation>
    </message>
    <message>
        <source>overdue</source>
        <translation>已过期</translation>
    </message>
    <message>
        <source>no date</source>
        <translation>无日期</translation>
    </message>
    <message>
        <source>Due</source>
        <translation>到期日</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>剩余</translation>
    </message>
    <message>
        <source>{count} d</source>
        <translation>{count} 天</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>证书编号</translation>
    </message>
    <message>
        <source>Calibrated on</source>
        <translation>校准日期</translation>
    </message>
    <message>
        <source>Calibrated by</source>
        <translation>校准单位</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Points: quantity unit reading reference uncertainty (one a line)</source>
        <translation>校准点：量 单位 示值 标准值 不确定度（每行一个）</translation>
    </message>
    <message>
        <source>Enter certificate</source>
        <translation>录入证书</translation>
    </message>
    <message>
        <source>Rule set</source>
        <translation>规则集</translation>
    </message>
    <message>
        <source>Prices</source>
        <translation>价格表</translation>
    </message>
    <message>
        <source>No prices in use: the shipped table is an example, nobody&apos;s offer</source>
        <translation>未启用价格表：自带的只是示例，不是任何人的报价</translation>
    </message>
    <message>
        <source>In use: {name} · sha256 {sha}…</source>
        <translation>在用：{name} · sha256 {sha}…</translation>
    </message>
    <message>
        <source>What it changes</source>
        <translation>影响</translation>
    </message>
    <message>
        <source>Last results</source>
        <translation>最近结果数</translation>
    </message>
    <message>
        <source>Try on results</source>
        <translation>按结果试算</translation>
    </message>
    <message>
        <source>{changed} of {count} results would change</source>
        <translation>{count} 个结果中有 {changed} 个会改变</translation>
    </message>
    <message>
        <source>Install</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>Use this version</source>
        <translation>启用此版本</translation>
    </message>
    <message>
        <source>{what}: {version} is in use</source>
        <translation>{what}：已启用 {version}</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>检测</translation>
    </message>
    <message>
        <source>Battery</source>
        <translation>电池</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>此前</translation>
    </message>
    <message>
        <source>After</source>
        <translation>此后</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>变化</translation>
    </message>
    <message>
        <source>no change</source>
        <translation>不变</translation>
    </message>
    <message>
        <source>verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>grade</source>
        <translation>等级</translation>
    </message>
    <message>
        <source>uses</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>best possible grade</source>
        <translation>最好的可能等级</translation>
    </message>
    <message>
        <source>worst possible grade</source>
        <translation>最差的可能等级</translation>
    </message>
    <message>
        <source>value</source>
        <translation>残值</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>在用</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Types</source>
        <translation>类型数</translation>
    </message>
    <message>
        <source>Data hash</source>
        <translation>数据哈希</translation>
    </message>
    <message>
        <source>Adopted</source>
        <translation>采用记录</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>candidate</source>
        <translation>候选</translation>
    </message>
    <message>
        <source>In use: {name}</source>
        <translation>在用：{name}</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Learning curve</source>
        <translation>学习曲线</translation>
    </message>
    <message>
        <source>Candidate and running</source>
        <translation>候选与在用</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>Cells</source>
        <translation>单体数</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>行数</translation>
    </message>
    <message>
        <source>Error of the mean</source>
        <translation>均值误差</translation>
    </message>
    <message>
        <source>Error (MAPE)</source>
        <translation>误差（MAPE）</translation>
    </message>
    <message>
        <source>p95, points</source>
        <translation>p95（百分点）</translation>
    </message>
    <message>
        <source>Coverage</source>
        <translation>覆盖率</translation>
    </message>
    <message>
        <source>Half-width, points</source>
        <translation>半宽（百分点）</translation>
    </message>
    <message>
        <source>U1–U41</source>
        <translation>U1–U41</translation>
    </message>
    <message>
        <source>U1–U21</source>
        <translation>U1–U21</translation>
    </message>
    <message>
        <source>one 2.5 C pair</source>
        <translation>一对 2.5C 脉冲</translation>
    </message>
    <message>
        <source>U1–U41, last samples</source>
        <translation>U1–U41，末点</translation>
    </message>
    <message>
        <source>U1–U21, last samples</source>
        <translation>U1–U21，末点</translation>
    </message>
    <message>
        <source>one pair, last samples</source>
        <translation>一对脉冲，末点</translation>
    </message>
    <message>
        <source>No model has figures of this type</source>
        <translation>没有该类型的指标</translation>
    </message>
    <message>
        <source>One point: the whole set. A model learned anew brings figures of fewer cells too.</source>
        <translation>仅有一个点：全部单体。重新学习的模型会附带较少单体时的指标。</translation>
    </message>
    <message>
        <source>{cells} cells: {error} %</source>
        <translation>{cells} 个单体：{error} %</translation>
    </message>
    <message>
        <source>Candidate: name, id or folder</source>
        <translation>候选模型：名称、编号或文件夹</translation>
    </message>
    <message>
        <source>Table of labelled cells (path)</source>
        <translation>带标签的单体数据表（路径）</translation>
    </message>
    <message>
        <source>Labels, if they are apart (path)</source>
        <translation>标签文件，如另存（路径）</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>{cells} cells unseen by both, {seen} seen cells left out</source>
        <translation>{cells} 个单体双方都没学过，{seen} 个学过的不算</translation>
    </message>
    <message>
        <source>Compare before you adopt: name a candidate and a table of cells</source>
        <translation>采用前先对比：写明候选模型和单体数据表</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Candidate</source>
        <translation>候选</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>在用</translation>
    </message>
    <message>
        <source>MAPE, %</source>
        <translation>MAPE（%）</translation>
    </message>
    <message>
        <source>p95 of the error, points</source>
        <translation>误差 p95（百分点）</translation>
    </message>
    <message>
        <source>Coverage, %</source>
        <translation>覆盖率（%）</translation>
    </message>
    <message>
        <source>Abstained, %</source>
        <translation>弃权（%）</translation>
    </message>
    <message>
        <source>No row is estimated by both: their errors cannot be compared</source>
        <translation>没有双方都给出估计的数据，误差无法对比</translation>
    </message>
    <message>
        <source>Absolute error, candidate minus running: {value} points [{low}, {high}] (90 %), {cells} cells</source>
        <translation>绝对误差，候选减在用：{value} 百分点 [{low}, {high}]（90 %），{cells} 个单体</translation>
    </message>
    <message>
        <source>Adopt candidate</source>
        <translation>采用候选</translation>
    </message>
    <message>
        <source>Return to the former</source>
        <translation>退回上一个</translation>
    </message>
    <message>
        <source>{name} judges from now on (before: {former})</source>
        <translation>今后由 {name} 判定（此前 {former}）</translation>
    </message>
    <message>
        <source>line {line}, column {column}</source>
        <translation>第 {line} 行第 {column} 列</translation>
    </message>
    <message>
        <source>channel {channel} {part}</source>
        <translation>通道 {channel} {part}</translation>
    </message>
    <message>
        <source>printer {part}</source>
        <translation>打印机 {part}</translation>
    </message>
    <message>
        <source>guard {part}</source>
        <translation>监护 {part}</translation>
    </message>
    <message>
        <source>power</source>
        <translation>电源</translation>
    </message>
    <message>
        <source>load</source>
        <translation>负载</translation>
    </message>
    <message>
        <source>supply</source>
        <translation>供电</translation>
    </message>
    <message>
        <source>scanner</source>
        <translation>扫描仪</translation>
    </message>
    <message>
        <source>BMS</source>
        <translation>BMS</translation>
    </message>
    <message>
        <source>relay</source>
        <translation>继电器</translation>
    </message>
    <message>
        <source>{ok} good · {soon} due soon · {overdue} overdue · {unknown} without a date</source>
        <translation>有效 {ok} · 即将到期 {soon} · 已过期 {overdue} · 无日期 {unknown}</translation>
    </message>
</context>
<context>
    <name>ident</name>
    <message>
        <source>Code, or a part of it</source>
        <translation>编码或其一部分</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Codes on record</source>
        <translation>已登记编码</translation>
    </message>
    <message>
        <source>The first {count} codes; type more of it</source>
        <translation>只列出前 {count} 个编码，请多输入几位</translation>
    </message>
    <message>
        <source>No battery chosen: scan, type or choose a code</source>
        <translation>尚未选择电池：请扫描、输入或选择编码</translation>
    </message>
    <message>
        <source>not on record</source>
        <translation>未登记</translation>
    </message>
    <message>
        <source>Put on record</source>
        <translation>登记</translation>
    </message>
    <message>
        <source>On record: {code}</source>
        <translation>已登记：{code}</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>层级</translation>
    </message>
    <message>
        <source>vehicle</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>pack</source>
        <translation>电池包</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模组</translation>
    </message>
    <message>
        <source>cell</source>
        <translation>单体</translation>
    </message>
    <message>
        <source>level not known</source>
        <translation>层级未知</translation>
    </message>
    <message>
        <source>GB/T 34014, 24 characters</source>
        <translation>GB/T 34014，24 位</translation>
    </message>
    <message>
        <source>GB/T 34014, 19 characters, second life</source>
        <translation>GB/T 34014，19 位，梯次利用</translation>
    </message>
    <message>
        <source>VIN</source>
        <translation>VIN</translation>
    </message>
    <message>
        <source>own code of the station</source>
        <translation>本站自编码</translation>
    </message>
    <message>
        <source>free text</source>
        <translation>自由文本</translation>
    </message>
    <message>
        <source>What it says</source>
        <translation>编码含义</translation>
    </message>
    <message>
        <source>Corrections</source>
        <translation>更正记录</translation>
    </message>
    <message>
        <source>Tests</source>
        <translation>检测</translation>
    </message>
    <message>
        <source>Conflicts ({count})</source>
        <translation>冲突（{count}）</translation>
    </message>
    <message>
        <source>Conflicts and duplicates</source>
        <translation>冲突与重复</translation>
    </message>
    <message>
        <source>What</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Look at this</source>
        <translation>请核对</translation>
    </message>
    <message>
        <source>Maker&apos;s code</source>
        <translation>厂商代码</translation>
    </message>
    <message>
        <source>Type letter</source>
        <translation>类型字母</translation>
    </message>
    <message>
        <source>Chemistry hinted at by the letter</source>
        <translation>字母提示的化学体系</translation>
    </message>
    <message>
        <source>Specification</source>
        <translation>规格代码</translation>
    </message>
    <message>
        <source>Trace information</source>
        <translation>追溯信息代码</translation>
    </message>
    <message>
        <source>Made on</source>
        <translation>生产日期</translation>
    </message>
    <message>
        <source>Serial number</source>
        <translation>序列号</translation>
    </message>
    <message>
        <source>Level of the second life</source>
        <translation>梯次利用层级</translation>
    </message>
    <message>
        <source>More characters of the maker</source>
        <translation>厂商附加字符</translation>
    </message>
    <message>
        <source>Check digit of the VIN</source>
        <translation>VIN 校验位</translation>
    </message>
    <message>
        <source>right</source>
        <translation>正确</translation>
    </message>
    <message>
        <source>does not fit</source>
        <translation>不符</translation>
    </message>
    <message>
        <source>not used in its region</source>
        <translation>该地区不使用</translation>
    </message>
    <message>
        <source>on record: {what}</source>
        <translation>登记：{what}</translation>
    </message>
    <message>
        <source>chemistry</source>
        <translation>化学体系</translation>
    </message>
    <message>
        <source>nominal capacity / Ah</source>
        <translation>额定容量 / Ah</translation>
    </message>
    <message>
        <source>maker</source>
        <translation>制造商</translation>
    </message>
    <message>
        <source>day of making</source>
        <translation>生产日期</translation>
    </message>
    <message>
        <source>battery code of the test</source>
        <translation>检测的电池编码</translation>
    </message>
    <message>
        <source>Its codes, the first one first</source>
        <translation>历次编码（从最初起）</translation>
    </message>
    <message>
        <source>From</source>
        <translation>起</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>止</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>种类</translation>
    </message>
    <message>
        <source>Holder, or old code</source>
        <translation>所属上级，或旧编码</translation>
    </message>
    <message>
        <source>Part, or new code</source>
        <translation>组成部分，或新编码</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Holder&apos;s code</source>
        <translation>上级编码</translation>
    </message>
    <message>
        <source>was moved</source>
        <translation>从别处移来</translation>
    </message>
    <message>
        <source>New code</source>
        <translation>新编码</translation>
    </message>
    <message>
        <source>sits in</source>
        <translation>装在其中</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>从车辆到单体</translation>
    </message>
    <message>
        <source>Second life</source>
        <translation>梯次利用</translation>
    </message>
    <message>
        <source>new code</source>
        <translation>新编码</translation>
    </message>
    <message>
        <source>{time}, {who}: {why}</source>
        <translation>{time}，{who}：{why}</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>记录</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>字段</translation>
    </message>
    <message>
        <source>Old value</source>
        <translation>旧值</translation>
    </message>
    <message>
        <source>New value</source>
        <translation>新值</translation>
    </message>
    <message>
        <source>Nothing was corrected</source>
        <translation>没有更正</translation>
    </message>
    <message>
        <source>All corrections on record</source>
        <translation>全部更正记录</translation>
    </message>
    <message>
        <source>Conflict</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>Codes</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>No conflicts and no duplicates</source>
        <translation>没有冲突，也没有重复</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>关联</translation>
    </message>
    <message>
        <source>Taken out</source>
        <translation>已取出</translation>
    </message>
    <message>
        <source>Give new code</source>
        <translation>重新编码</translation>
    </message>
    <message>
        <source>Correct</source>
        <translation>更正</translation>
    </message>
    <message>
        <source>Done; it stands on record with who, when and why</source>
        <translation>完成；已记录人员、时间和原因</translation>
    </message>
    <message>
        <source>Give the value and the reason</source>
        <translation>请填写值和原因</translation>
    </message>
    <message>
        <source>{code} · this one</source>
        <translation>{code} · 当前</translation>
    </message>
    <message>
        <source>It sits in nothing and holds nothing on record</source>
        <translation>没有登记所属上级，也没有登记组成部分</translation>
    </message>
</context>
<context>
    <name>label</name>
    <message>
        <source>cell</source>
        <translation>单体</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模组</translation>
    </message>
    <message>
        <source>pack</source>
        <translation>电池包</translation>
    </message>
    <message>
        <source>second life</source>
        <translation>梯次产品</translation>
    </message>
    <message>
        <source>date not readable</source>
        <translation>日期无法识别</translation>
    </message>
    <message>
        <source>label says {chemistry} (a hint)</source>
        <translation>标签类型 {chemistry}（仅供参考）</translation>
    </message>
    <message>
        <source>Note: the label says {label}, the channel is for a {channel}</source>
        <translation>注意：标签是{label}，本通道用于{channel}</translation>
    </message>
</context>
<context>
    <name>language</name>
    <message>
        <source>中文</source>
        <translation>English</translation>
    </message>
</context>
<context>
    <name>lost</name>
    <message>
        <source>Service lost</source>
        <translation>检测服务中断</translation>
    </message>
    <message>
        <source>Outputs are being switched off by the channel workers; reconnecting. Readings on this page are no longer valid. If in doubt, use the hardware emergency stop.</source>
        <translation>各通道工作进程正在自行断开输出；正在重新连接。画面读数已失效。有疑问时请使用硬件急停。</translation>
    </message>
    <message>
        <source>Starting the service and connecting</source>
        <translation>正在启动并连接检测服务</translation>
    </message>
    <message>
        <source>Please wait.</source>
        <translation>请稍候。</translation>
    </message>
    <message>
        <source>No data from the service</source>
        <translation>检测服务没有数据</translation>
    </message>
    <message>
        <source>Nothing received for several seconds; the readings may be old. If in doubt, use the hardware emergency stop.</source>
        <translation>已有数秒没有收到数据，画面读数可能已过时。有疑问时请使用硬件急停。</translation>
    </message>
</context>
<context>
    <name>menu</name>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Alarm list
F11</source>
        <translation>报警列表
F11</translation>
    </message>
    <message>
        <source>Engineer&apos;s pages
F2</source>
        <translation>工程师页面
F2</translation>
    </message>
    <message>
        <source>Whole result
Home</source>
        <translation>查看检测结果
Home</translation>
    </message>
    <message>
        <source>Print label again</source>
        <translation>补打标签</translation>
    </message>
    <message>
        <source>Next battery</source>
        <translation>下一只电池</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>No / put away</source>
        <translation>否 / 放弃</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>培训</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
</context>
<context>
    <name>missing</name>
    <message>
        <source>Battery data needed</source>
        <translation>补充电池资料</translation>
    </message>
    <message>
        <source>Asked once, then remembered for {code}</source>
        <translation>只问一次，以后按编码记住：{code}</translation>
    </message>
    <message>
        <source>Nominal capacity Ah</source>
        <translation>额定容量 Ah</translation>
    </message>
    <message>
        <source>Chemistry</source>
        <translation>化学体系</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>不清楚</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>退格</translation>
    </message>
    <message>
        <source>Start test</source>
        <translation>开始检测</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Enter a capacity above 0</source>
        <translation>请输入大于 0 的容量</translation>
    </message>
    <message>
        <source>Choose the chemistry</source>
        <translation>请选择化学体系</translation>
    </message>
</context>
<context>
    <name>next</name>
    <message>
        <source>Take it off, put it with grade {grade}; scan the next one</source>
        <translation>取下，放入 {grade} 级；扫描下一只</translation>
    </message>
    <message>
        <source>Take it off; scan the next one</source>
        <translation>取下；扫描下一只</translation>
    </message>
    <message>
        <source>Take it off, to recycling; F6, then scan the next one</source>
        <translation>取下，送材料回收；按 F6 后扫描下一只</translation>
    </message>
    <message>
        <source>Do not open it. Move it to quarantine, then F6</source>
        <translation>不要拆开，移至隔离区；然后按 F6</translation>
    </message>
    <message>
        <source>Check the leads, F6, then scan this battery again</source>
        <translation>检查接线后按 F6，再扫描此电池重测</translation>
    </message>
    <message>
        <source>F6, then the reference test (F3) on this battery</source>
        <translation>按 F6，再给此电池做参考检测（F3 选方案）</translation>
    </message>
    <message>
        <source>F6, then the capacity test (F3) on this battery</source>
        <translation>按 F6，再给此电池做容量检测（F3 选方案）</translation>
    </message>
    <message>
        <source>F6, then scan this battery again and give its capacity from the nameplate</source>
        <translation>按 F6，再扫描此电池，按铭牌填额定容量</translation>
    </message>
    <message>
        <source>F6, then a reference or capacity test (F3) on this battery</source>
        <translation>按 F6，再做参考检测或容量检测（F3 选方案）</translation>
    </message>
    <message>
        <source>Scan the next battery</source>
        <translation>请扫描下一只电池</translation>
    </message>
</context>
<context>
    <name>pad</name>
    <message>
        <source>Type the battery code (worn label)</source>
        <translation>手工输入电池编码（标签磨损时）</translation>
    </message>
    <message>
        <source>Type it as it stands; do not guess what cannot be read</source>
        <translation>照标签逐位输入；看不清的不要猜</translation>
    </message>
    <message>
        <source>{count} characters, {left} of {length} missing</source>
        <translation>已有 {count} 位，还缺 {left} 位（共 {length} 位）</translation>
    </message>
    <message>
        <source>free ID, {count} characters</source>
        <translation>自由编号，{count} 位</translation>
    </message>
    <message>
        <source>not a battery code yet</source>
        <translation>还不是电池编码</translation>
    </message>
    <message>
        <source>Use this code</source>
        <translation>使用此编码</translation>
    </message>
</context>
<context>
    <name>page</name>
    <message>
        <source>History</source>
        <translation>历史记录</translation>
    </message>
    <message>
        <source>Alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>People</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Open page: {page}</source>
        <translation>打开页面：{page}</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Service lost: states are not known</source>
        <translation>服务已断开：状态未知</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>This page has no use for a scan</source>
        <translation>本页不使用扫描的编码</translation>
    </message>
    <message>
        <source>Newer</source>
        <translation>较新</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>较早</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>Voltage / V</source>
        <translation>电压 / V</translation>
    </message>
    <message>
        <source>Current / A</source>
        <translation>电流 / A</translation>
    </message>
    <message>
        <source>Profiles</source>
        <translation>检测方案</translation>
    </message>
    <message>
        <source>Bench set-up</source>
        <translation>测试台设置</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Rules, prices</source>
        <translation>规则与价格</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>培训</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>Identity</source>
        <translation>电池身份</translation>
    </message>
    <message>
        <source>Traceability</source>
        <translation>追溯上报</translation>
    </message>
    <message>
        <source>year-month-day</source>
        <translation>年-月-日</translation>
    </message>
    <message>
        <source>✓ as recorded</source>
        <translation>✓ 未改动</translation>
    </message>
    <message>
        <source>✕ changed</source>
        <translation>✕ 已改动</translation>
    </message>
    <message>
        <source>✕ missing</source>
        <translation>✕ 缺失</translation>
    </message>
    <message>
        <source>–</source>
        <translation>–</translation>
    </message>
    <message>
        <source>What</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>About</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>脉冲组</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Current</source>
        <translation>电流</translation>
    </message>
    <message>
        <source>10 ms / mΩ</source>
        <translation>10 ms / mΩ</translation>
    </message>
    <message>
        <source>0.1 s / mΩ</source>
        <translation>0.1 s / mΩ</translation>
    </message>
    <message>
        <source>1 s / mΩ</source>
        <translation>1 s / mΩ</translation>
    </message>
    <message>
        <source>5 s / mΩ</source>
        <translation>5 s / mΩ</translation>
    </message>
    <message>
        <source>10 s / mΩ</source>
        <translation>10 s / mΩ</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>优先级</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Battery code</source>
        <translation>电池编码</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>字节</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>校验</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Choose tests in the history, then press Compare</source>
        <translation>在历史记录中选择检测，然后按“加入对比”</translation>
    </message>
    <message>
        <source>At most {most} tests side by side: the newest are kept</source>
        <translation>最多对比 {most} 次检测：保留最新加入的</translation>
    </message>
    <message>
        <source>Align at start</source>
        <translation>按开始对齐</translation>
    </message>
    <message>
        <source>Align at first pulse</source>
        <translation>按首个脉冲对齐</translation>
    </message>
    <message>
        <source>Add …</source>
        <translation>添加 …</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Resistances</source>
        <translation>内阻</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>概览</translation>
    </message>
    <message>
        <source>SOH</source>
        <translation>SOH</translation>
    </message>
    <message>
        <source>no SOH</source>
        <translation>无 SOH</translation>
    </message>
    <message>
        <source>no curve</source>
        <translation>无曲线</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>Save certificate</source>
        <translation>保存证书</translation>
    </message>
    <message>
        <source>Print label</source>
        <translation>打印标签</translation>
    </message>
    <message>
        <source>Saved: {file}</source>
        <translation>已保存：{file}</translation>
    </message>
    <message>
        <source>The label is printed</source>
        <translation>标签已打印</translation>
    </message>
    <message>
        <source>Code (beginning)</source>
        <translation>代码（开头）</translation>
    </message>
    <message>
        <source>From day</source>
        <translation>开始日期</translation>
    </message>
    <message>
        <source>To day</source>
        <translation>结束日期</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Chain</source>
        <translation>链校验</translation>
    </message>
    <message>
        <source>Check all again</source>
        <translation>重新校验全部</translation>
    </message>
    <message>
        <source>Chain intact: {count} events</source>
        <translation>事件链完整：{count} 条</translation>
    </message>
    <message>
        <source>Chain broken at event {number}</source>
        <translation>事件链在第 {number} 条断开</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Grade</source>
        <translation>等级</translation>
    </message>
    <message>
        <source>SOH (90 % interval)</source>
        <translation>SOH（90 % 区间）</translation>
    </message>
    <message>
        <source>Why there is no SOH</source>
        <translation>没有 SOH 的原因</translation>
    </message>
    <message>
        <source>Fault</source>
        <translation>故障原因</translation>
    </message>
    <message>
        <source>Nominal capacity (one series group)</source>
        <translation>额定容量（每串）</translation>
    </message>
    <message>
        <source>Chemistry</source>
        <translation>化学体系</translation>
    </message>
    <message>
        <source>Bench · channel</source>
        <translation>测试台 · 通道</translation>
    </message>
    <message>
        <source>Profile</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>Began</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>结束</translation>
    </message>
    <message>
        <source>Recorded time</source>
        <translation>记录时长</translation>
    </message>
    <message>
        <source>Resumed</source>
        <translation>续测次数</translation>
    </message>
    <message>
        <source>Simulated instruments</source>
        <translation>模拟仪器</translation>
    </message>
    <message>
        <source>Rule set</source>
        <translation>规则集</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Test number</source>
        <translation>检测编号</translation>
    </message>
    <message>
        <source>Engineer pages</source>
        <translation>工程师页面</translation>
    </message>
    <message>
        <source>Scan a badge, or choose a name and type the PIN</source>
        <translation>扫描工牌，或选择姓名并输入 PIN</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>Badge</source>
        <translation>工牌</translation>
    </message>
    <message>
        <source>Log in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>Locked: nobody was here for a while</source>
        <translation>长时间无操作，已锁定</translation>
    </message>
    <message>
        <source>{name} is not an engineer</source>
        <translation>{name}没有工程师权限</translation>
    </message>
    <message>
        <source>Nobody is on record yet. Make the first administrator on this computer&apos;s command line:
station person add NAME --role admin</source>
        <translation>尚无登记人员。请在本机命令行创建第一名管理员：
station person add 姓名 --role admin</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>A day is written as 2026-01-31</source>
        <translation>日期格式应为 2026-01-31</translation>
    </message>
    <message>
        <source>{count} tests</source>
        <translation>共 {count} 次检测</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>← List</source>
        <translation>← 列表</translation>
    </message>
    <message>
        <source>info</source>
        <translation>信息</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>alarm</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>操作员</translation>
    </message>
    <message>
        <source>Engineer</source>
        <translation>工程师</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>管理员</translation>
    </message>
    <message>
        <source>Testing</source>
        <translation>检测中</translation>
    </message>
    <message>
        <source>Analysis</source>
        <translation>分析中</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>检测中断</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>判定依据</translation>
    </message>
    <message>
        <source>Every cell</source>
        <translation>每个单体</translation>
    </message>
    <message>
        <source>Told by the pack</source>
        <translation>电池包自述</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>the recorded decision cannot be read</source>
        <translation>记录的判定无法读取</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>拆解深度</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>更改时间</translation>
    </message>
    <message>
        <source>By</source>
        <translation>更改人</translation>
    </message>
    <message>
        <source>active</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>inactive</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>To add: name, role, and a PIN (at least 6 characters) or a badge. To change: choose the person in the list first</source>
        <translation>新增：填写姓名、角色以及 PIN（至少 6 位）或工牌。更改：先在列表中选择人员</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>新增</translation>
    </message>
    <message>
        <source>Set role</source>
        <translation>设置角色</translation>
    </message>
    <message>
        <source>Set PIN</source>
        <translation>设置 PIN</translation>
    </message>
    <message>
        <source>Set badge</source>
        <translation>设置工牌</translation>
    </message>
    <message>
        <source>Remove badge</source>
        <translation>取消工牌</translation>
    </message>
    <message>
        <source>Disable</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Enable</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>Fill in the field first</source>
        <translation>先填写该栏</translation>
    </message>
    <message>
        <source>Added: {name}</source>
        <translation>已新增：{name}</translation>
    </message>
    <message>
        <source>Changed: {name}</source>
        <translation>已更改：{name}</translation>
    </message>
    <message>
        <source>recording</source>
        <translation>检测记录</translation>
    </message>
    <message>
        <source>journal</source>
        <translation>过程日志</translation>
    </message>
    <message>
        <source>result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>signed result</source>
        <translation>签名结果</translation>
    </message>
    <message>
        <source>decision</source>
        <translation>判定</translation>
    </message>
    <message>
        <source>photo</source>
        <translation>照片</translation>
    </message>
</context>
<context>
    <name>page.col.text</name>
    <message>
        <source>Text</source>
        <translation>内容</translation>
    </message>
</context>
<context>
    <name>page.col.value</name>
    <message>
        <source>Value</source>
        <translation>内容</translation>
    </message>
</context>
<context>
    <name>page.compare</name>
    <message>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
</context>
<context>
    <name>page.events.checking</name>
    <message>
        <source>Checking …</source>
        <translation>正在校验 …</translation>
    </message>
</context>
<context>
    <name>page.events.text</name>
    <message>
        <source>Text</source>
        <translation>内容</translation>
    </message>
</context>
<context>
    <name>page.gate.wait</name>
    <message>
        <source>Checking …</source>
        <translation>正在检查 …</translation>
    </message>
</context>
<context>
    <name>page.history.compare</name>
    <message>
        <source>Compare</source>
        <translation>加入对比</translation>
    </message>
</context>
<context>
    <name>page.history.text</name>
    <message>
        <source>Text</source>
        <translation>文字</translation>
    </message>
</context>
<context>
    <name>page.section.value</name>
    <message>
        <source>Value</source>
        <translation>残值</translation>
    </message>
</context>
<context>
    <name>panel</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>pill</name>
    <message>
        <source>E-stop</source>
        <translation>急停</translation>
    </message>
    <message>
        <source>Interlock</source>
        <translation>联锁</translation>
    </message>
    <message>
        <source>Guard</source>
        <translation>监护</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>released</source>
        <translation>未按下</translation>
    </message>
    <message>
        <source>PRESSED</source>
        <translation>已按下</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>闭合</translation>
    </message>
    <message>
        <source>OPEN</source>
        <translation>断开</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>FAILED</source>
        <translation>失效</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>已连接</translation>
    </message>
    <message>
        <source>LOST</source>
        <translation>中断</translation>
    </message>
    <message>
        <source>not fitted</source>
        <translation>未配置</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
</context>
<context>
    <name>plot</name>
    <message>
        <source>Voltage V</source>
        <translation>电压 V</translation>
    </message>
    <message>
        <source>Current A</source>
        <translation>电流 A</translation>
    </message>
    <message>
        <source>Time s</source>
        <translation>时间 s</translation>
    </message>
    <message>
        <source>Voltage and current of channel {channel}</source>
        <translation>通道 {channel} 电压电流曲线</translation>
    </message>
</context>
<context>
    <name>profiles</name>
    <message>
        <source>Choose the profile</source>
        <translation>选择检测方案</translation>
    </message>
</context>
<context>
    <name>prompt</name>
    <message>
        <source>Connecting to the service …</source>
        <translation>正在连接检测服务 …</translation>
    </message>
    <message>
        <source>Service lost, reconnecting …</source>
        <translation>检测服务中断，正在重新连接 …</translation>
    </message>
    <message>
        <source>E-stop is pressed: clear the cause and reset it before testing</source>
        <translation>急停已按下：排除原因并复位后才能检测</translation>
    </message>
    <message>
        <source>Interlock is open: close the guard door before testing</source>
        <translation>联锁断开：关好防护门后才能检测</translation>
    </message>
    <message>
        <source>Scan a battery code or a command barcode</source>
        <translation>请扫描电池编码，或扫描命令码</translation>
    </message>
    <message>
        <source>Choose a channel: press it or scan its barcode</source>
        <translation>请选择通道：点选通道或扫描通道码</translation>
    </message>
    <message>
        <source>Press F5 to start the test on channel {channel}</source>
        <translation>按 F5 开始检测：通道 {channel}</translation>
    </message>
    <message>
        <source>Answer the questions before connecting</source>
        <translation>请先回答接入前检查</translation>
    </message>
    <message>
        <source>No start after this “no”: do what stands beside it</source>
        <translation>有一项为“否”，不能开始：按该项提示处理</translation>
    </message>
    <message>
        <source>Starting on channel {channel} …</source>
        <translation>正在开始：通道 {channel} …</translation>
    </message>
    <message>
        <source>Enter the battery&apos;s data, then press F5</source>
        <translation>请补充电池资料，然后按 F5</translation>
    </message>
    <message>
        <source>Half a label, {left} of {length} missing: scan the rest, or “yes”</source>
        <translation>标签缺 {left} 位（共 {length} 位）：请扫另一半，或扫“是”</translation>
    </message>
    <message>
        <source>{verdict} on {at} already. Test again: “yes”, else “no”</source>
        <translation>{at} 已检测：{verdict}。重测扫“是”，不测扫“否”</translation>
    </message>
    <message>
        <source>Looks like a product&apos;s barcode. A battery: “yes”, else “no”</source>
        <translation>像商品条码。是电池编码扫“是”，不是扫“否”</translation>
    </message>
    <message>
        <source>Getting an ID for this battery …</source>
        <translation>正在取得自编号 …</translation>
    </message>
    <message>
        <source>Write {code} on it, then choose a channel</source>
        <translation>请把 {code} 写在电池上，再选择通道</translation>
    </message>
    <message>
        <source>Write {code} on it, then F5 (channel {channel})</source>
        <translation>请把 {code} 写在电池上，再按 F5（通道 {channel}）</translation>
    </message>
</context>
<context>
    <name>question</name>
    <message>
        <source>Channel {channel} asks</source>
        <translation>通道 {channel} 提问</translation>
    </message>
    <message>
        <source>From {low} to {high}</source>
        <translation>范围：{low} 至 {high}</translation>
    </message>
    <message>
        <source>At least {low}</source>
        <translation>不小于 {low}</translation>
    </message>
    <message>
        <source>At most {high}</source>
        <translation>不大于 {high}</translation>
    </message>
    <message>
        <source>Enter a number within the limits</source>
        <translation>请输入范围内的数值</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>稍后</translation>
    </message>
    <message>
        <source>Picture of what to do</source>
        <translation>操作图片</translation>
    </message>
    <message>
        <source>The picture cannot be shown</source>
        <translation>无法显示图片</translation>
    </message>
</context>
<context>
    <name>refuse</name>
    <message>
        <source>The code is empty: scan again</source>
        <translation>编码为空，请重新扫描</translation>
    </message>
    <message>
        <source>Not a battery code: too short, or with wrong characters. Scan again</source>
        <translation>编码无效：含有不应出现的字符或太短，请重新扫描</translation>
    </message>
    <message>
        <source>The code is too long: perhaps two scans in one. Scan again</source>
        <translation>编码过长：可能连扫了两次，请重新扫描</translation>
    </message>
    <message>
        <source>Unknown command barcode</source>
        <translation>无此命令码</translation>
    </message>
    <message>
        <source>There is no channel {channel}</source>
        <translation>没有通道 {channel}</translation>
    </message>
    <message>
        <source>There is no profile “{profile}”</source>
        <translation>没有检测方案“{profile}”</translation>
    </message>
    <message>
        <source>This battery is already on channel {channel}</source>
        <translation>此电池已在通道 {channel} 上</translation>
    </message>
    <message>
        <source>Channel {channel} has a result to acknowledge: press F6 first</source>
        <translation>通道 {channel} 的结果未确认：请先按 F6 确认</translation>
    </message>
    <message>
        <source>Channel {channel} has an interrupted test: F7 goes on, F6 closes it for good</source>
        <translation>通道 {channel} 有中断的检测：F7 继续，F6 关闭且不能恢复</translation>
    </message>
    <message>
        <source>No free channel: wait for a test to end or acknowledge a result</source>
        <translation>没有空闲通道：请等待检测结束，或确认结果</translation>
    </message>
    <message>
        <source>Channel {channel} is testing: choose another one</source>
        <translation>通道 {channel} 正在检测，请选择其他通道</translation>
    </message>
    <message>
        <source>Scan the battery&apos;s code first</source>
        <translation>请先扫描电池编码</translation>
    </message>
    <message>
        <source>Choose a channel first</source>
        <translation>请先选择通道</translation>
    </message>
    <message>
        <source>Choose the channel to stop, or press Esc to stop all tests</source>
        <translation>请先选择要停止的通道，或按 Esc 停止全部</translation>
    </message>
    <message>
        <source>Channel {channel} is not to be forced off now: press Stop first; it can be forced when its output is not off within 2 s</source>
        <translation>通道 {channel} 现在不用强制切断：先按停止，2 秒内未断开输出时才能强制</translation>
    </message>
    <message>
        <source>Choose the channel to acknowledge</source>
        <translation>请选择要确认的通道</translation>
    </message>
    <message>
        <source>Choose a profile first</source>
        <translation>请先选择检测方案</translation>
    </message>
    <message>
        <source>Enter the battery&apos;s data first</source>
        <translation>请先补充电池资料</translation>
    </message>
    <message>
        <source>The service is lost: no test can start now</source>
        <translation>检测服务中断，现在不能开始检测</translation>
    </message>
    <message>
        <source>The service is just starting: scan again in a moment</source>
        <translation>检测服务正在启动，请稍候再扫</translation>
    </message>
    <message>
        <source>E-stop is pressed: no test can start</source>
        <translation>急停已按下，不能开始检测</translation>
    </message>
    <message>
        <source>Interlock is open: no test can start</source>
        <translation>联锁断开，不能开始检测</translation>
    </message>
    <message>
        <source>Channel {channel} cannot do that now</source>
        <translation>通道 {channel} 现在不能这样操作</translation>
    </message>
    <message>
        <source>This is a product&apos;s barcode, not a battery&apos;s</source>
        <translation>这是商品条码，不是电池编码</translation>
    </message>
    <message>
        <source>This is a web address, not a battery code</source>
        <translation>这是网址，不是电池编码</translation>
    </message>
    <message>
        <source>This is the number of a test, not a battery code</source>
        <translation>这是检测编号，不是电池编码</translation>
    </message>
    <message>
        <source>This battery is scanned already</source>
        <translation>此电池已扫描，不用再扫</translation>
    </message>
    <message>
        <source>The same half again: scan the other one ({left} of {length} characters missing)</source>
        <translation>还是这一半：请扫另一半（还缺 {left} 位，共 {length} 位）</translation>
    </message>
    <message>
        <source>Half a label only: scan the other half, or “yes” to take it as it is</source>
        <translation>标签只读到一半：请扫另一半，或扫“是”照此使用</translation>
    </message>
    <message>
        <source>Does not fit the first half: scan the other half, or “no” to put it away</source>
        <translation>与前一半不成一个编码：请扫另一半，或扫“否”放弃</translation>
    </message>
    <message>
        <source>An own ID is given already: {code}. Write it on the battery</source>
        <translation>已有自编号 {code}：请写在电池上</translation>
    </message>
    <message>
        <source>Tested already: first answer “yes” (test again) or “no” (put away)</source>
        <translation>此电池已检测过：先扫“是”（重新检测）或“否”（放弃）</translation>
    </message>
    <message>
        <source>First say whether this is a battery&apos;s code: “yes” or “no” (put away)</source>
        <translation>请先回答是不是电池编码：扫“是”或“否”</translation>
    </message>
    <message>
        <source>There is nothing to answer now</source>
        <translation>现在没有要回答的问题</translation>
    </message>
    <message>
        <source>There is no panel to type into now</source>
        <translation>现在没有可输入的面板</translation>
    </message>
    <message>
        <source>Channel {channel} has no result</source>
        <translation>通道 {channel} 没有检测结果</translation>
    </message>
</context>
<context>
    <name>result</name>
    <message>
        <source>Result</source>
        <translation>检测结果</translation>
    </message>
    <message>
        <source>Second-life uses</source>
        <translation>梯次用途</translation>
    </message>
    <message>
        <source>No uses were judged</source>
        <translation>没有用途判定</translation>
    </message>
    <message>
        <source>Print label again</source>
        <translation>补打标签</translation>
    </message>
</context>
<context>
    <name>sim</name>
    <message>
        <source>SIMULATED 模拟</source>
        <translation>模拟 SIMULATED</translation>
    </message>
    <message>
        <source>readings come from simulated instruments · speed ×{speed}</source>
        <translation>读数来自模拟仪器 · 速度 ×{speed}</translation>
    </message>
</context>
<context>
    <name>stat</name>
    <message>
        <source>Ask</source>
        <translation>查询</translation>
    </message>
    <message>
        <source>Save as CSV</source>
        <translation>保存 CSV</translation>
    </message>
    <message>
        <source>Asking the archive …</source>
        <translation>正在查询档案 …</translation>
    </message>
    <message>
        <source>Tests go on meanwhile. A large archive takes a while.</source>
        <translation>检测照常进行。档案较大时需要一些时间。</translation>
    </message>
    <message>
        <source>{tests} judged tests of {batteries} batteries · {time}</source>
        <translation>{batteries} 只电池，{tests} 次有结论的检测 · {time}</translation>
    </message>
    <message>
        <source>No judged test in this span</source>
        <translation>此时间段内没有有结论的检测</translation>
    </message>
    <message>
        <source>Counted are tests that ended with a verdict. Choose other days, or leave the days empty.</source>
        <translation>只统计已给出结论的检测。请换一个时间段，或将日期留空。</translation>
    </message>
    <message>
        <source>The archive gave no answer</source>
        <translation>档案没有给出答案</translation>
    </message>
    <message>
        <source>Yield</source>
        <translation>合格率</translation>
    </message>
    <message>
        <source>Spread</source>
        <translation>离散度</translation>
    </message>
    <message>
        <source>Repeatability</source>
        <translation>重复性</translation>
    </message>
    <message>
        <source>Channels against peers</source>
        <translation>通道互比</translation>
    </message>
    <message>
        <source>Told apart by</source>
        <translation>分组依据</translation>
    </message>
    <message>
        <source>Supplier</source>
        <translation>供应来源</translation>
    </message>
    <message>
        <source>Maker</source>
        <translation>制造商</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Profile</source>
        <translation>检测方案</translation>
    </message>
    <message>
        <source>Bench</source>
        <translation>测试台</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Month</source>
        <translation>月份</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Tests</source>
        <translation>检测数</translation>
    </message>
    <message>
        <source>Batteries</source>
        <translation>电池数</translation>
    </message>
    <message>
        <source>Passed (90 % interval)</source>
        <translation>合格率（90 % 区间）</translation>
    </message>
    <message>
        <source>{share} % ({low}–{high}) of {tests}</source>
        <translation>{tests} 次中 {share} %（{low}–{high}）</translation>
    </message>
    <message>
        <source>SOH, 10 % below</source>
        <translation>SOH，10 % 低于</translation>
    </message>
    <message>
        <source>SOH, median</source>
        <translation>SOH 中位数</translation>
    </message>
    <message>
        <source>SOH, 90 % below</source>
        <translation>SOH，90 % 低于</translation>
    </message>
    <message>
        <source>Resistance 0.1 s, median / mΩ</source>
        <translation>内阻 0.1 s 中位数 / mΩ</translation>
    </message>
    <message>
        <source>Its spread, 10 to 90 %</source>
        <translation>内阻离散（10–90 %）</translation>
    </message>
    <message>
        <source>Pairs of tests</source>
        <translation>重复检测对数</translation>
    </message>
    <message>
        <source>SOH, standard deviation</source>
        <translation>SOH 标准差</translation>
    </message>
    <message>
        <source>Resistance, standard deviation</source>
        <translation>内阻标准差</translation>
    </message>
    <message>
        <source>{value} points</source>
        <translation>{value} 个百分点</translation>
    </message>
    <message>
        <source>SOH: median, and between what eight of ten lie</source>
        <translation>SOH：中位数，以及十分之八所在范围</translation>
    </message>
    <message>
        <source>No battery has an SOH in this span</source>
        <translation>此时间段内没有电池给出 SOH</translation>
    </message>
    <message>
        <source>No battery was tested twice by one profile within a month in this span</source>
        <translation>此时间段内，没有电池在一个月内用同一检测方案检测两次</translation>
    </message>
    <message>
        <source>Too few readings: a channel is compared from {fewest} readings on, with as many of its peers</source>
        <translation>读数太少：一个通道至少有 {fewest} 个读数、其他通道也至少有同样多时才作比较</translation>
    </message>
    <message>
        <source>No channel reads otherwise than its peers</source>
        <translation>没有通道与其他通道读数不同</translation>
    </message>
    <message>
        <source>Quantity</source>
        <translation>量</translation>
    </message>
    <message>
        <source>Readings</source>
        <translation>读数</translation>
    </message>
    <message>
        <source>Against peers</source>
        <translation>与其他通道之差</translation>
    </message>
    <message>
        <source>Standard error</source>
        <translation>标准误差</translation>
    </message>
    <message>
        <source>Change in 100 tests</source>
        <translation>每 100 次检测的变化</translation>
    </message>
    <message>
        <source>Judged</source>
        <translation>判断</translation>
    </message>
    <message>
        <source>Resistance, 0.1 s</source>
        <translation>内阻 0.1 s</translation>
    </message>
    <message>
        <source>Resistance, 1 s</source>
        <translation>内阻 1 s</translation>
    </message>
    <message>
        <source>SOH</source>
        <translation>SOH</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>reads too high</source>
        <translation>读数偏高</translation>
    </message>
    <message>
        <source>reads too low</source>
        <translation>读数偏低</translation>
    </message>
    <message>
        <source>drifts upwards</source>
        <translation>向上漂移</translation>
    </message>
    <message>
        <source>drifts downwards</source>
        <translation>向下漂移</translation>
    </message>
    <message>
        <source>as its peers</source>
        <translation>与其他通道一致</translation>
    </message>
    <message>
        <source>{place} · {quantity}: {judged}, {offset} against its peers</source>
        <translation>{place} · {quantity}：{judged}，与其他通道相差 {offset}</translation>
    </message>
    <message>
        <source>{quantity}: each channel against its peers</source>
        <translation>{quantity}：各通道与其他通道之差</translation>
    </message>
    <message>
        <source>{place} · {quantity} / {unit}, test after test</source>
        <translation>{place} · {quantity} / {unit}，按检测先后</translation>
    </message>
</context>
<context>
    <name>state</name>
    <message>
        <source>Idle</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>待开始</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>正在开始</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查中</translation>
    </message>
    <message>
        <source>Checked</source>
        <translation>检查通过</translation>
    </message>
    <message>
        <source>Testing</source>
        <translation>检测中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>停止中</translation>
    </message>
    <message>
        <source>Output off</source>
        <translation>已断开输出</translation>
    </message>
    <message>
        <source>Analysis</source>
        <translation>分析中</translation>
    </message>
    <message>
        <source>FAULT</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>INTERRUPTED</source>
        <translation>检测中断</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>状态未知</translation>
    </message>
</context>
<context>
    <name>tell</name>
    <message>
        <source>Test started on channel {channel}</source>
        <translation>通道 {channel} 已开始检测</translation>
    </message>
    <message>
        <source>Channel {channel} is already testing</source>
        <translation>通道 {channel} 正在检测</translation>
    </message>
    <message>
        <source>Stopping channel {channel} …</source>
        <translation>正在停止通道 {channel} …</translation>
    </message>
    <message>
        <source>Stopping all tests …</source>
        <translation>正在停止全部检测 …</translation>
    </message>
    <message>
        <source>Forcing channel {channel} off …</source>
        <translation>正在强制切断通道 {channel} …</translation>
    </message>
    <message>
        <source>Pausing channel {channel} …</source>
        <translation>正在暂停通道 {channel} …</translation>
    </message>
    <message>
        <source>Channel {channel} goes on when its checks have passed</source>
        <translation>通道 {channel} 重新检查通过后继续</translation>
    </message>
    <message>
        <source>Skipping the step on channel {channel} …</source>
        <translation>正在跳过通道 {channel} 的当前工步 …</translation>
    </message>
    <message>
        <source>No test is running on channel {channel}</source>
        <translation>通道 {channel} 没有在检测</translation>
    </message>
    <message>
        <source>Nothing waits for acknowledgement</source>
        <translation>没有待确认的结果</translation>
    </message>
    <message>
        <source>Put away: scan the next battery</source>
        <translation>已放弃，请扫描下一只电池</translation>
    </message>
    <message>
        <source>Channel {channel}: take the battery off, connect and scan the next one</source>
        <translation>通道 {channel}：取下电池，接好下一只并扫描</translation>
    </message>
    <message>
        <source>Printing the label of channel {channel} …</source>
        <translation>正在打印标签：通道 {channel} …</translation>
    </message>
    <message>
        <source>Label of channel {channel} printed</source>
        <translation>标签已打印：通道 {channel}</translation>
    </message>
</context>
<context>
    <name>tile</name>
    <message>
        <source>Channel {channel}</source>
        <translation>通道 {channel}</translation>
    </message>
    <message>
        <source>selected</source>
        <translation>已选</translation>
    </message>
    <message>
        <source>acknowledged</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>F6 to acknowledge</source>
        <translation>按 F6 确认</translation>
    </message>
    <message>
        <source>F7 go on · F6 close</source>
        <translation>F7 继续 · F6 关闭</translation>
    </message>
    <message>
        <source>Grade {grade}</source>
        <translation>等级 {grade}</translation>
    </message>
    <message>
        <source>no battery scanned</source>
        <translation>未扫描电池</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>剩余 {time}</translation>
    </message>
    <message>
        <source>Voltage</source>
        <translation>电压</translation>
    </message>
    <message>
        <source>Current</source>
        <translation>电流</translation>
    </message>
    <message>
        <source>Temp.</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>SOH</source>
        <translation>SOH</translation>
    </message>
    <message>
        <source>SOH not estimated</source>
        <translation>SOH 无法估计</translation>
    </message>
    <message>
        <source>90 % interval {low}–{high} %</source>
        <translation>90 % 区间 {low}–{high} %</translation>
    </message>
    <message>
        <source>R</source>
        <translation>内阻</translation>
    </message>
    <message>
        <source>Do: </source>
        <translation>处理：</translation>
    </message>
    <message>
        <source>Reason: </source>
        <translation>原因：</translation>
    </message>
    <message>
        <source>history agrees</source>
        <translation>历史数据一致</translation>
    </message>
    <message>
        <source>history contradicts</source>
        <translation>与历史数据矛盾</translation>
    </message>
    <message>
        <source>history only: no grade</source>
        <translation>仅有历史估计：不评级</translation>
    </message>
    <message>
        <source>The SOH interval holds the limit between reuse and recycling</source>
        <translation>SOH 区间跨过再利用界限</translation>
    </message>
    <message>
        <source>Not grade {grade}: {why}</source>
        <translation>未评 {grade} 级：{why}</translation>
    </message>
    <message>
        <source>Not grade {grade}: no data on {names}</source>
        <translation>未评 {grade} 级：缺少{names}数据</translation>
    </message>
    <message>
        <source>its history</source>
        <translation>使用历史</translation>
    </message>
    <message>
        <source>how alike its parts are</source>
        <translation>一致性</translation>
    </message>
    <message>
        <source>Curves appear when a test runs</source>
        <translation>开始检测后显示曲线</translation>
    </message>
    <message>
        <source>Waiting for the first readings</source>
        <translation>等待第一批读数</translation>
    </message>
    <message>
        <source>The curve is in the run&apos;s record</source>
        <translation>曲线见检测记录</translation>
    </message>
</context>
<context>
    <name>time</name>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} 时 {minutes} 分</translation>
    </message>
</context>
<context>
    <name>top</name>
    <message>
        <source>Battery code</source>
        <translation>电池编码</translation>
    </message>
    <message>
        <source>Scan or type, then Enter</source>
        <translation>扫描或输入后按回车</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>–</source>
        <translation>–</translation>
    </message>
    <message>
        <source>Known battery: {facts}</source>
        <translation>已知电池：{facts}</translation>
    </message>
    <message>
        <source>New battery: no records yet</source>
        <translation>新电池：尚无记录</translation>
    </message>
    <message>
        <source>{count} blocks not drawn (records are complete)</source>
        <translation>画面略过 {count} 组读数（记录完整）</translation>
    </message>
    <message>
        <source>own ID</source>
        <translation>自编号</translation>
    </message>
    <message>
        <source>own ID, label printed</source>
        <translation>自编号，标签已打印</translation>
    </message>
    <message>
        <source>joined from two</source>
        <translation>两段合成</translation>
    </message>
    <message>
        <source>Scanner not connected: {port} (the keyboard works)</source>
        <translation>扫码枪未连接：{port}（可用键盘）</translation>
    </message>
    <message>
        <source>Scanner: no permission for {port} (the keyboard works)</source>
        <translation>扫码枪：无权使用 {port}（可用键盘）</translation>
    </message>
    <message>
        <source>Scanner: another program holds {port}</source>
        <translation>扫码枪：{port} 被另一程序占用</translation>
    </message>
    <message>
        <source>Scanner: {port} cannot be opened (the keyboard works)</source>
        <translation>扫码枪：无法打开 {port}（可用键盘）</translation>
    </message>
</context>
<context>
    <name>trace</name>
    <message>
        <source>Queue</source>
        <translation>待报队列</translation>
    </message>
    <message>
        <source>Add a message</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Templates</source>
        <translation>模板</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>模板</translation>
    </message>
    <message>
        <source>Shown</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Not confirmed yet</source>
        <translation>尚未确认</translation>
    </message>
    <message>
        <source>Confirmed ones, too</source>
        <translation>含已确认</translation>
    </message>
    <message>
        <source>Collect tests</source>
        <translation>收集检测</translation>
    </message>
    <message>
        <source>{queued} tests queued, {there} were already, {incomplete} lack something</source>
        <translation>新排入 {queued} 次检测，已在队列 {there} 次，缺少数据 {incomplete} 次</translation>
    </message>
    <message>
        <source>{overdue} overdue · {soon} due within 3 days · {cut_off} cut off while written</source>
        <translation>逾期 {overdue} · 3 天内到期 {soon} · 写出中断 {cut_off}</translation>
    </message>
    <message>
        <source>Nothing waits to be told</source>
        <translation>没有待报内容</translation>
    </message>
    <message>
        <source>Urgency</source>
        <translation>紧急程度</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>最后日期</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>剩余</translation>
    </message>
    <message>
        <source>{count} d</source>
        <translation>{count} 天</translation>
    </message>
    <message>
        <source>Battery</source>
        <translation>电池</translation>
    </message>
    <message>
        <source>Day, or test</source>
        <translation>日期或检测</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>批次</translation>
    </message>
    <message>
        <source>Platform&apos;s answer</source>
        <translation>平台答复</translation>
    </message>
    <message>
        <source>By</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>overdue</source>
        <translation>逾期</translation>
    </message>
    <message>
        <source>soon</source>
        <translation>即将到期</translation>
    </message>
    <message>
        <source>in time</source>
        <translation>未到期</translation>
    </message>
    <message>
        <source>–</source>
        <translation>–</translation>
    </message>
    <message>
        <source>waits</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>写出中断</translation>
    </message>
    <message>
        <source>written, no answer yet</source>
        <translation>已写出，待答复</translation>
    </message>
    <message>
        <source>confirmed</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>refused, waits again</source>
        <translation>被退回，重新等待</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Write file</source>
        <translation>写出文件</translation>
    </message>
    <message>
        <source>Write again</source>
        <translation>继续写出</translation>
    </message>
    <message>
        <source>Save a copy</source>
        <translation>另存副本</translation>
    </message>
    <message>
        <source>Confirmed</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>被退回</translation>
    </message>
    <message>
        <source>{count} messages in {file}</source>
        <translation>{count} 条已写入 {file}</translation>
    </message>
    <message>
        <source>Nothing waits for this template</source>
        <translation>此模板没有等待的内容</translation>
    </message>
    <message>
        <source>{count} messages: the answer is noted</source>
        <translation>{count} 条：答复已记录</translation>
    </message>
    <message>
        <source>Give the platform&apos;s answer, such as its receipt number</source>
        <translation>请填写平台答复，例如回执号</translation>
    </message>
    <message>
        <source>Day it happened (empty: today)</source>
        <translation>发生日期（空为今天）</translation>
    </message>
    <message>
        <source>Test number</source>
        <translation>检测编号</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>字段</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>{field} (must be given)</source>
        <translation>{field}（必填）</translation>
    </message>
    <message>
        <source>This template asks for no more: the records know the rest</source>
        <translation>此模板无需补充：其余由记录给出</translation>
    </message>
    <message>
        <source>Add to the queue</source>
        <translation>加入队列</translation>
    </message>
    <message>
        <source>Queued; last day: {due}</source>
        <translation>已加入队列，最后日期：{due}</translation>
    </message>
    <message>
        <source>This stands in the queue already; last day: {due}</source>
        <translation>队列中已有此项，最后日期：{due}</translation>
    </message>
    <message>
        <source>Say which battery: scan or type its code</source>
        <translation>请指明电池：扫描或输入编码</translation>
    </message>
    <message>
        <source>Deadline</source>
        <translation>期限</translation>
    </message>
    <message>
        <source>{count} working days: {basis}</source>
        <translation>{count} 个工作日：{basis}</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Columns (* must be known)</source>
        <translation>列（* 为必需）</translation>
    </message>
    <message>
        <source>Where they come from, and how sure that is</source>
        <translation>来源及可靠程度</translation>
    </message>
    <message>
        <source>Own templates and settings: folder trace of the data folder. No conformity is claimed.</source>
        <translation>自有模板和设置放在数据文件夹的 trace 中。不声明符合性。</translation>
    </message>
    <message>
        <source>Receiver&apos;s code</source>
        <translation>去向代码</translation>
    </message>
    <message>
        <source>Receiver&apos;s name</source>
        <translation>去向名称</translation>
    </message>
    <message>
        <source>Kind of receiver</source>
        <translation>去向类型</translation>
    </message>
    <message>
        <source>Kind of works</source>
        <translation>工厂类型</translation>
    </message>
    <message>
        <source>Mass in kg</source>
        <translation>质量 kg</translation>
    </message>
    <message>
        <source>Supplier&apos;s code</source>
        <translation>供应方代码</translation>
    </message>
    <message>
        <source>Supplier&apos;s name</source>
        <translation>供应方名称</translation>
    </message>
    <message>
        <source>Day of storage</source>
        <translation>入库日期</translation>
    </message>
    <message>
        <source>Second-life use</source>
        <translation>梯次应用领域</translation>
    </message>
    <message>
        <source>Made of</source>
        <translation>构成方式</translation>
    </message>
    <message>
        <source>Nominal energy in kWh</source>
        <translation>额定能量 kWh</translation>
    </message>
    <message>
        <source>Nominal voltage in V</source>
        <translation>额定电压 V</translation>
    </message>
    <message>
        <source>Finished product or not</source>
        <translation>是否成品</translation>
    </message>
    <message>
        <source>Place of sale</source>
        <translation>销售地址</translation>
    </message>
    <message>
        <source>Source company&apos;s code</source>
        <translation>来源企业代码</translation>
    </message>
    <message>
        <source>Source company&apos;s name</source>
        <translation>来源企业名称</translation>
    </message>
</context>
<context>
    <name>train</name>
    <message>
        <source>Training · {title} · step {number} of {of}</source>
        <translation>培训 · {title} · 第 {number} 步，共 {of} 步</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>Passed: no mistakes.</source>
        <translation>通过：没有错误。</translation>
    </message>
    <message>
        <source>Done, with mistakes: {count}</source>
        <translation>完成，有 {count} 处错误</translation>
    </message>
    <message>
        <source>Mended</source>
        <translation>已处理</translation>
    </message>
    <message>
        <source>Press the E-stop
(simulated)</source>
        <translation>按下急停
（模拟）</translation>
    </message>
    <message>
        <source>Leave training</source>
        <translation>离开培训</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>培训</translation>
    </message>
    <message>
        <source>Training · scan or type the trainee&apos;s name, then Enter</source>
        <translation>培训 · 请扫描或输入学员姓名后回车</translation>
    </message>
    <message>
        <source>Training · {name}: choose a mission</source>
        <translation>培训 · {name}：请选择任务</translation>
    </message>
    <message>
        <source>Trainee</source>
        <translation>学员</translation>
    </message>
    <message>
        <source>Name on the result sheet</source>
        <translation>成绩单上的姓名</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Again</source>
        <translation>再来一次</translation>
    </message>
    <message>
        <source>Training works on simulated benches only.</source>
        <translation>培训只能在模拟测试台上进行。</translation>
    </message>
    <message>
        <source>not yet done</source>
        <translation>未做</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>with mistakes</source>
        <translation>有错误</translation>
    </message>
    <message>
        <source>left</source>
        <translation>中途离开</translation>
    </message>
    <message>
        <source>Begun: go to the operator page. The card there says what to do.</source>
        <translation>已开始：请到操作页，按卡片上的提示做。</translation>
    </message>
    <message>
        <source>Enter the trainee&apos;s name first.</source>
        <translation>请先填写学员姓名。</translation>
    </message>
    <message>
        <source>{count} ×</source>
        <translation>{count} 次</translation>
    </message>
    <message>
        <source>Result sheet of {name}</source>
        <translation>{name} 的成绩单</translation>
    </message>
</context>
<context>
    <name>use</name>
    <message>
        <source>✓ fits</source>
        <translation>✓ 适用</translation>
    </message>
    <message>
        <source>? on condition</source>
        <translation>? 有条件</translation>
    </message>
    <message>
        <source>? undecided</source>
        <translation>? 未定</translation>
    </message>
    <message>
        <source>✕ unfit</source>
        <translation>✕ 不适用</translation>
    </message>
    <message>
        <source>✕ blocked</source>
        <translation>✕ 禁止</translation>
    </message>
</context>
<context>
    <name>uses</name>
    <message>
        <source>Fits: {uses}</source>
        <translation>适用：{uses}</translation>
    </message>
    <message>
        <source>If data are added: {uses}</source>
        <translation>待补充数据：{uses}</translation>
    </message>
    <message>
        <source>Undecided: {uses}</source>
        <translation>未定：{uses}</translation>
    </message>
    <message>
        <source>Unfit: {uses}</source>
        <translation>不适用：{uses}</translation>
    </message>
    <message>
        <source>Blocked: {uses}</source>
        <translation>禁止：{uses}</translation>
    </message>
</context>
<context>
    <name>verdict</name>
    <message>
        <source>PASS</source>
        <translation>合格</translation>
    </message>
    <message>
        <source>FAIL</source>
        <translation>不合格</translation>
    </message>
    <message>
        <source>QUARANTINE</source>
        <translation>隔离</translation>
    </message>
    <message>
        <source>RETEST</source>
        <translation>重测</translation>
    </message>
</context>
<context>
    <name>window</name>
    <message>
        <source>Pulse Station · {bench}</source>
        <translation>脉冲检测站 · {bench}</translation>
    </message>
</context>
</TS>
