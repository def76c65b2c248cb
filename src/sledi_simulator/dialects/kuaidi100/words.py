"""Kuaidi100's words: couriers, states, Chinese and English texts, messages of errors."""

from collections.abc import Mapping

from sledi_simulator.journeys import Kind

MESSAGES = {
    "400": "提交的数据不完整，或者账号未充值",
    "408": "快递公司参数异常：验证码错误",
    "500": "查询无结果，请隔段时间再查",
    "501": "重复订阅",
    "502": "服务器繁忙：同一单号30分钟内只能查询一次，单号已锁定",
    "503": "验证签名失败",
    "601": "KEY已过期，或者额度已用完",
    "700": "订阅方的订阅数据存在错误：不支持的快递公司",
}

COURIERS = {
    "yuantong": "圆通速递",
    "shunfeng": "顺丰速运",
    "zhongtong": "中通快递",
    "shentong": "申通快递",
    "jtexpress": "极兔速递",
    "jd": "京东物流",
    "yunda": "韵达快递",
    "youzhengguonei": "邮政快递包裹",
}
ABROAD = "youzhengguoji"
"""China Post's international mail."""

STATES: Mapping[str, tuple[str, str]] = {
    "PRE": ("101", "1"),
    "EMA": ("103", "1"),
    "ORO": ("1002", "0"),
    "ORI": ("1002", "0"),
    "EDD": ("1001", "0"),
    "EDE": ("1002", "0"),
    "EMG": ("1001", "0"),
    "EDG": ("5", "5"),
    "EDH": ("501", "5"),
    "EMH": ("204", "2"),
    "EMH not_home": ("206", "2"),
    "EMI": ("301", "3"),
    "EMI warehouse": ("303", "3"),
    "EMI counter": ("304", "3"),
    "<EMI": ("4", "4"),
    "RET": ("6", "6"),
    "RET refused": ("14", "14"),
    "EXA": ("10", "8"),
    "EXB": ("13", "8"),
    "EXC": ("12", "8"),
    "LOS": ("2", "2"),
    "UNK": ("999", "999"),
}
"""Fine and plain state of a scan; what stands not here is on its way (0)."""

STATE_NAMES = {
    "0": "在途",
    "1": "揽收",
    "2": "疑难",
    "3": "签收",
    "4": "退签",
    "5": "派件",
    "6": "退回",
    "8": "清关",
    "10": "待清关",
    "12": "已清关",
    "13": "清关异常",
    "14": "拒签",
    "101": "已下单",
    "103": "已揽收",
    "1001": "到达派件城市",
    "1002": "干线",
    "204": "派件异常",
    "206": "无法联系",
    "301": "本人签收",
    "303": "代签",
    "304": "投柜或站签收",
    "501": "投柜或驿站",
    "999": "未定",
}

CHINESE: Mapping[str, str] = {
    "PRE": "【{town}】商家已下单，等待揽收",
    "EMA": "【{town}】【{name}】已揽收，揽收员:王**",
    "ORO": "【{town}】快件离开【{name}】，已发往【{next}】",
    "ORI": "【{town}】快件到达【{name}】",
    "EDD": "【{town}】快件到达【{name}】",
    "EDE": "【{town}】快件离开【{name}】，已发往【{next}】",
    "EMG": "【{town}】快件到达【{name}】",
    "EDG": "【{town}】【{name}】快件派送中，派件员:{courier}",
    "EDH": "【{town}】快件已存放至菜鸟驿站，请凭取件码取件",
    "EMH": "【{town}】派件异常，客户要求改日派送",
    "EMI": "【{town}】快件已签收，签收人:本人，感谢使用{company}",
    "EMI warehouse": "【{town}】快件已签收，签收人:集运仓前台，感谢使用{company}",
    "EMI counter": "【{town}】快件已由客户从菜鸟驿站取出，感谢使用{company}",
    "RET": "【{town}】快件退回中",
    "<EMI": "【{town}】退件已由寄件人签收",
    "LOS": "【{town}】快件遗失，正在核实",
    "UNK": "【{town}】快件进入九号流程",
}

ENGLISH: Mapping[str, str] = {
    "PRE": "[{latin}] Order placed, waiting for collection",
    "EMA": "[{latin}] Collected",
    "ORO": "[{latin}] Left the outlet",
    "ORI": "[{latin}] Arrived at the transfer centre",
    "EDD": "[{latin}] Arrived at the transfer centre",
    "EDE": "[{latin}] Left the transfer centre",
    "EMG": "[{latin}] Arrived at the outlet",
    "EDG": "[{latin}] Out for delivery",
    "EDH": "[{latin}] Put into the pick-up station",
    "EMH": "[{latin}] Delivery exception",
    "EMI": "[{latin}] Signed for",
    "RET": "[{latin}] Being returned",
    "<EMI": "[{latin}] Return signed for by the sender",
    "LOS": "[{latin}] Lost, being investigated",
    "UNK": "[{latin}] Under procedure nine",
}

ABROAD_WORDS = {
    Kind.IMPORT_OFFICE: "到达寄达国进口互换局",
    Kind.IMPORT_CUSTOMS: "送交进口海关",
    Kind.IMPORT_HELD: "进口海关留存",
    Kind.IMPORT_RELEASED: "进口海关放行",
    Kind.IMPORT_LEFT: "离开进口互换局",
}
"""What is said of scans that parcels inside China never have."""
